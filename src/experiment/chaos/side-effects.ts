import type { SideEffects } from "../../history/experiment.ts";
import type { Replica } from "../../replica/up.ts";

/** Counts what an experiment may cost beside answers: tasks, writable layers, open descriptors, lines of logs, the node's disk. What cannot be read is absent. */
export async function sideEffects(replica: Replica, when: SideEffects["when"]): Promise<SideEffects> {
  const tasks: Record<string, number> = {};
  for (const { service } of await replica.swarm.tasks()) tasks[service] = (tasks[service] ?? 0) + 1;
  const containers = (await replica.node.daemon.listContainers({ all: true, size: true } as { all: true }).catch(() => [])) as {
    Labels?: Record<string, string>;
    SizeRw?: number;
  }[];
  const layerBytes: Record<string, number> = {};
  for (const { Labels, SizeRw } of containers) {
    const service = Labels?.["com.docker.swarm.service.name"];
    if (service) layerBytes[service] = (layerBytes[service] ?? 0) + (SizeRw ?? 0);
  }
  // The node's own files alone: its file system may be the machine's, where others write too. What vanishes meanwhile makes `du` end with 1.
  const disk = await replica.node
    .exec(["sh", "-c", 'du -sx -B1 "$(docker info -f "{{.DockerRootDir}}")" 2>/dev/null || true'])
    .catch(() => undefined);
  const used = Number.parseInt(disk?.stdout ?? "", 10);
  return {
    when,
    tasks,
    layerBytes,
    descriptors: await descriptors(replica),
    ...(Number.isFinite(used) ? { diskUsedBytes: used } : {}),
    ...(await logLines(replica)),
  };
}

/** A log that cannot be read, as of a driver that sends it away, is not counted. */
async function logLines(replica: Replica): Promise<Pick<SideEffects, "logLines">> {
  const label = "com.docker.swarm.service.name";
  const script = `docker ps -aq --no-trunc --filter label=${label} | while read -r id; do
  set -- $(docker inspect -f '{{.HostConfig.LogConfig.Type}} {{index .Config.Labels "${label}"}}' "$id")
  case $1 in json-file | local) echo "$id $2 $(docker logs "$id" 2>&1 | wc -l)" ;; esac
done`;
  const read = await replica.node.exec(["sh", "-c", script]).catch(() => undefined);
  if (read?.code !== 0) return {};
  const rows = read.stdout.split("\n").flatMap((line) => {
    const [id, service, lines] = line.split(" ");
    return id && service && lines ? [[id, { service, lines: Number(lines) }] as const] : [];
  });
  return { logLines: Object.fromEntries(rows) };
}

async function descriptors(replica: Replica): Promise<Record<string, number>> {
  const running = await Promise.all([...replica.ready].map(async (name) => [name, await replica.swarm.running(name)] as const));
  const known = running.flatMap(([name, task]) => (task ? [{ name, pid: task.pid }] : []));
  const script = 'for pid in "$@"; do ls "/proc/$pid/fd" 2>/dev/null | wc -l; done';
  const { stdout } = await replica.node.exec(["sh", "-c", script, "sh", ...known.map(({ pid }) => String(pid))]);
  const counts = stdout.trim().split("\n").map(Number);
  return Object.fromEntries(known.flatMap(({ name }, at) => ((counts[at] ?? 0) > 0 ? [[name, counts[at] as number]] : [])));
}
