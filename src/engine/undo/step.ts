import type Dockerode from "dockerode";
import { runBeside } from "../beside.ts";
import { run } from "../exec.ts";

/**
 * One thing that ends a fault, as plain data: the runner does it, and when the runner is dead the reaper does the same from the journal. Each may be done
 * twice, and what it speaks of may be gone: then there is nothing to undo, and it succeeds.
 */
export type UndoStep =
  /** Runs a command in a container of the run (its node, mostly); exit code 0 means done. */
  | { do: "exec"; container: string; argv: readonly string[] }
  /** The same in the network namespace of a container, by another one of that image that holds CAP_NET_ADMIN for that moment. */
  | { do: "beside"; container: string; image: string; labels: Readonly<Record<string, string>>; argv: readonly string[] }
  /** Lets a paused container go on. */
  | { do: "unpause"; container: string }
  /** Starts a stopped container, with the addresses that it had (network → address): Docker would give it the lowest that is free. */
  | { do: "start"; container: string; addresses: Readonly<Record<string, string>> }
  /** Removes a helper that stands somewhere, by name or id. */
  | { do: "remove"; container: string };

/** Longest time of one step. */
const stepMs = 20_000;

/** Does steps last-first, each on its own deadline and whatever became of the others; gives back what did not work, in words. */
export async function undo(docker: Dockerode, steps: readonly UndoStep[]): Promise<string[]> {
  const failures: string[] = [];
  for (const step of steps.toReversed()) {
    const failure = await Promise.race([failureOf(docker, step), late(stepMs)]).catch((error: Error) => error.message);
    if (failure !== undefined) failures.push(`${inWords(step)}: ${failure}`);
  }
  return failures;
}

/** What a person would type to do the same. */
export function inWords(step: UndoStep): string {
  const container = /^[0-9a-f]{13,}$/.test(step.container) ? step.container.slice(0, 12) : step.container;
  if (step.do === "remove") return `docker rm -f ${container}`;
  if (step.do === "unpause") return `docker unpause ${container}`;
  if (step.do === "start") {
    const reconnect = Object.entries(step.addresses).map(
      ([network, address]) =>
        `docker network disconnect ${network} ${container} && docker network connect --ip ${address} ${network} ${container} && `,
    );
    return `${reconnect.join("")}docker start ${container}`;
  }
  const words = step.argv.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
  if (step.do === "exec") return `docker exec ${container} ${words}`;
  return `docker run --rm --network container:${container} --cap-add NET_ADMIN ${step.image.slice(0, 19)} ${words}`;
}

async function failureOf(docker: Dockerode, step: UndoStep): Promise<string | undefined> {
  const container = docker.getContainer(step.container);
  const seen = await orGone(container.inspect());
  if (!seen) return undefined;
  if (step.do === "exec" || step.do === "beside") {
    if (!seen.State.Running) return undefined;
    const { code, stderr } = await (step.do === "exec"
      ? run(docker, step.container, [...step.argv])
      : runBeside(docker, step, step.argv));
    return code === 0 ? undefined : `exit code ${code}: ${stderr.trim().slice(-300)}`;
  }
  if (step.do === "start" && !seen.State.Running) {
    await withAddresses(docker, seen, step.addresses);
    await container.start();
  }
  if (step.do === "unpause" && seen.State.Paused) await container.unpause();
  if (step.do === "remove") await orGone(container.remove({ force: true, v: true }));
  return undefined;
}

/** Has a stopped container ask for these addresses when it starts. */
async function withAddresses(
  docker: Dockerode,
  { Id, NetworkSettings }: Dockerode.ContainerInspectInfo,
  addresses: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, address] of Object.entries(addresses)) {
    const now = NetworkSettings.Networks[name];
    if (now?.IPAMConfig?.IPv4Address === address) continue;
    const network = docker.getNetwork(name);
    if (now) await network.disconnect({ Container: Id });
    await network.connect({ Container: Id, EndpointConfig: { IPAMConfig: { IPv4Address: address } } });
  }
}

async function orGone<T>(asked: Promise<T>): Promise<T | undefined> {
  return await asked.catch((error: { statusCode?: number }) => {
    // 409: it is being removed already.
    if (error.statusCode === 404 || (error.statusCode === 409 && /removal/.test(String(error)))) return undefined;
    throw error;
  });
}

async function late(ms: number): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, ms).unref());
  return `not done after ${ms / 1000} s`;
}
