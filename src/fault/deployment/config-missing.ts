import type { Role } from "../../candidate/types.ts";
import type { FaultKind } from "../fault.ts";
import { changeOf, serviceNow, tasksNow } from "./change.ts";

/** A deploy updates a service without one of its configs: what comes up does not have the file. */
interface ConfigMissing {
  kind: "deployment/config-missing";
  role: Role;
  /** Path of the file in the container. */
  file: string;
}

interface ConfigReference {
  ConfigName: string;
  File?: { Name?: string };
}

export const configMissing: FaultKind<ConfigMissing> = {
  kind: "deployment/config-missing",
  words: ({ role, file }) => `${role} is updated without its config ${file}`,
  async prepare(replica, { role, file }) {
    const service = replica.service(role).candidate.name;
    const template = (await serviceNow(replica, service)).Spec.TaskTemplate as {
      ContainerSpec: { Configs?: ConfigReference[] };
    };
    const configs = template.ContainerSpec.Configs ?? [];
    const rest = configs.filter(({ File }) => File?.Name !== file);
    if (rest.length === configs.length) {
      const had = configs.map(({ File }) => File?.Name).join(", ");
      throw new Error(`${service} has no config ${file}: it has ${had || "none"}`);
    }
    const known = new Set((await tasksNow(replica, service)).map(({ ID }) => ID));
    return await changeOf(
      replica,
      service,
      { TaskTemplate: { ContainerSpec: { Configs: rest } } },
      {
        name: `config-missing/${service}`,
        detail: { file },
        // A task of the update runs without the file, seen by what is mounted in it (an image may bring a file of that name); or it does not run at all.
        bites: async () => {
          const [task] = await tasksNow(replica, service);
          const lacks = !(task?.Spec.ContainerSpec?.Configs as ConfigReference[] | undefined)?.some(
            ({ File }) => File?.Name === file,
          );
          if (!task || known.has(task.ID) || !lacks) return false;
          if (task.Status.State === "failed" || task.Status.State === "rejected") return true;
          const pid = task.Status.ContainerStatus?.PID;
          if (task.Status.State !== "running" || !pid) return false;
          const script = '[ -r "/proc/$0/mountinfo" ] && ! grep -qF " $1 " "/proc/$0/mountinfo"';
          return (await replica.node.exec(["sh", "-c", script, String(pid), file])).code === 0;
        },
      },
    );
  },
};
