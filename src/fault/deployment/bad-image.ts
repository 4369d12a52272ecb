import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { freshMark } from "../fresh-mark.ts";
import { changeOf, tasksNow } from "./change.ts";

/** A deploy names an image that no node has and no registry gives ("missing"), or one in which there is nothing to start ("cannot-start"). */
interface BadImage {
  kind: "deployment/bad-image";
  role: Role;
  how: "missing" | "cannot-start";
}

export const badImage: FaultKind<BadImage> = {
  kind: "deployment/bad-image",
  words: ({ role, how }) =>
    `${role} is updated to an image ${how === "missing" ? "that is to be had nowhere" : "in which there is nothing to start"}`,
  async prepare(replica, { role, how }) {
    const service = replica.service(role).candidate.name;
    const mark = freshMark();
    // Of a registry that refuses the connection at once: nobody is asked for its name.
    const image = how === "missing" ? `127.0.0.1:9/${mark}:missing` : `sprocket-resilience/${mark}:empty`;
    // Ended tasks stay in Swarm's list: the newest says what is now.
    const newest = async () => (await tasksNow(replica, service)).find(({ DesiredState }) => DesiredState !== "remove");
    const change = await changeOf(
      replica,
      service,
      { TaskTemplate: { ContainerSpec: { Image: image } } },
      {
        name: `bad-image-${how}/${service}`,
        detail: { image },
        // Swarm's manager says that a task of it was tried, and did not run.
        bites: async () => {
          const { Spec, Status } = (await newest()) ?? {};
          const ended = Status?.State === "rejected" || Status?.State === "failed";
          return Spec?.ContainerSpec?.Image === image && (ended || Status?.Err !== undefined);
        },
      },
    );
    if (how === "missing") return change;
    const { containerId } = replica.node;
    return {
      ...change,
      undo: [
        {
          do: "exec",
          container: containerId,
          argv: ["sh", "-c", 'docker rmi -f "$0" >/dev/null 2>&1; ! docker image inspect "$0" >/dev/null 2>&1', image],
        },
        ...change.undo,
      ],
      apply: async () => {
        const { code, stderr } = await replica.node.exec(["sh", "-c", 'tar -c -T /dev/null | docker import - "$0"', image]);
        if (code !== 0) throw new Error(`the node has no empty image: ${stderr.trim()}`);
        await change.apply();
      },
    };
  },
};
