import type { Role } from "../../candidate/types.ts";
import { background } from "../background.ts";
import type { FaultKind } from "../fault.ts";
import { taskOf } from "../victim.ts";

/** A role's task is killed (SIGKILL), and each new one of it as soon as it runs, for as long as the fault is held. */
interface CrashLoop {
  kind: "process/crash-loop";
  role: Role;
}

/** The events are asked for from before the first look, so that no start is missed between both. */
const killEach = `service="label=com.docker.swarm.service.name=$1"; since=$(date +%s)
end() {
  pid=$(docker inspect -f "{{.State.Pid}}" "$1" 2>/dev/null) || return 0
  [ "$pid" -le 1 ] || kill -9 "$pid" 2>/dev/null || true
}
for container in $(docker ps -q --filter "$service"); do end "$container"; done
docker events --since "$since" --filter type=container --filter event=start --filter "$service" --format "{{.ID}}" |
  while read -r container; do end "$container"; done`;

export const crashLoop: FaultKind<CrashLoop> = {
  kind: "process/crash-loop",
  words: ({ role }) => `each task of ${role} is killed as soon as it runs`,
  async prepare(replica, { role }) {
    const { service, task } = await taskOf(replica, role);
    if (replica.service(role).candidate.restart?.condition === "none")
      throw new Error(`${service} has the restart condition none: Swarm starts no second task of it, so that it cannot loop`);
    const killing = background(replica);
    const earlier = new Set((await replica.swarm.tasks(service)).flatMap(({ id }) => (id === task.task.id ? [] : [id])));
    return {
      name: `crash-loop/${service}`,
      detail: { service, task: task.task.id, pid: task.pid },
      undo: [killing.undo],
      apply: async () => killing.start(killEach, { args: [service] }),
      // Two in a row, by Swarm's own account: one alone is a crash.
      bites: async () => {
        await killing.running();
        const killed = (await replica.swarm.tasks(service)).filter(({ id, exitCode }) => exitCode === 137 && !earlier.has(id));
        return killed.length >= 2;
      },
      healed: async () => (await killing.left()).length === 0,
    };
  },
};
