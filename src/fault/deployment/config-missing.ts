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
          const tasks = (await tasksNow(replica, service)).filter(({ ID }) => !known.has(ID));
          for (const { Status } of tasks) {
            if (Status.State === "failed" || Status.State === "rejected") return true;
            const pid = Status.ContainerStatus?.PID;
            if (Status.State === "running" && pid) {
              const script = '[ -r "/proc/$0/mountinfo" ] && ! grep -qF " $1 " "/proc/$0/mountinfo"';
              if ((await replica.node.exec(["sh", "-c", script, String(pid), file])).code === 0) return true;
            }
          }
          return false;
        },
      },
    );
  },
};
