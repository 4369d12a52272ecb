import type Dockerode from "dockerode";
import { type ContainerFile, putFiles } from "./docker-files.ts";
import { demux } from "./swarm/logs.ts";
import { until } from "./until.ts";

/** In whose network namespace, with which image (any of ours with nft, iptables and ip), under which labels. */
export interface Beside {
  container: string;
  image: string;
  labels: Readonly<Record<string, string>>;
}

/** Runs a command in a container's network namespace, from a container of its own that holds CAP_NET_ADMIN for that moment. */
export async function runBeside(
  docker: Dockerode,
  beside: Beside,
  argv: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const helper = await docker.createContainer(settings(beside, argv));
  try {
    await helper.start();
    const { StatusCode: code } = (await helper.wait()) as { StatusCode: number };
    const printed = async (stream: { stdout: boolean; stderr: boolean }) =>
      demux(await helper.logs({ ...stream, follow: false })).join("\n");
    return {
      code,
      stdout: await printed({ stdout: true, stderr: false }),
      stderr: await printed({ stdout: false, stderr: true }),
    };
  } finally {
    await helper.remove({ force: true, v: true }).catch(() => undefined);
  }
}

/**
 * Has a command stand in a container's network namespace until somebody removes its container, which has the given name. Resolves when it printed "standing".
 * @throws Error with what it printed when it ended instead
 */
export async function standBeside(
  docker: Dockerode,
  beside: Beside & { name: string; files?: ContainerFile[] },
  argv: readonly string[],
): Promise<Dockerode.Container> {
  const helper = await docker.createContainer({ name: beside.name, ...settings(beside, argv) });
  if (beside.files) await putFiles(helper, beside.files);
  await helper.start();
  await until(
    `${argv[0]} to stand in the place of ${beside.container.slice(0, 12)}`,
    { withinMs: 15_000, everyMs: 30 },
    async () => {
      const [{ State }, lines] = await Promise.all([
        helper.inspect(),
        helper.logs({ stdout: true, stderr: true, follow: false }).then(demux),
      ]);
      if (lines.includes("standing")) return true;
      if (!State.Running && State.Status !== "created")
        throw new Error(`${argv.slice(0, 2).join(" ")} ended: ${lines.join(" | ")}`);
      return false;
    },
  );
  return helper;
}

function settings({ container, image, labels }: Beside, argv: readonly string[]): Dockerode.ContainerCreateOptions {
  return {
    Image: image,
    Entrypoint: [...argv],
    Cmd: [],
    Labels: { ...labels },
    HostConfig: { NetworkMode: `container:${container}`, CapDrop: ["ALL"], CapAdd: ["NET_ADMIN"] },
  };
}
