import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type EnginePlaces, findMeans, thisMachine } from "../../../src/engine/provision/install.ts";
import { openEngine } from "../../../src/engine/provision/open.ts";

const means = await findMeans(await thisMachine());
const folders: string[] = [];

/**
 * A second engine beside the machine's own: everything that it has lies in one folder, and its network is a namespace of its own, since a daemon that starts
 * removes the bridges that it does not know, docker0 of the machine's own engine first of all.
 */
async function elsewhere(more: string[] = []): Promise<EnginePlaces> {
  const folder = await mkdtemp(join(tmpdir(), "sprocket-resilience-engine-"));
  folders.push(folder);
  const daemon = [
    `--data-root=${folder}/data`,
    `--exec-root=${folder}/exec`,
    `--pidfile=${folder}/pid`,
    "--bridge=none",
    "--iptables=false",
  ];
  return {
    host: `unix://${folder}/sock`,
    log: `${folder}/log/dockerd.log`,
    lock: `${folder}/lock`,
    under: ["unshare", "--net"],
    arguments: [...daemon, ...more],
    service: false,
  };
}

afterEach(async () => {
  for (const folder of folders.splice(0)) {
    const pid = await readFile(join(folder, "pid"), "utf8").then(Number, () => undefined);
    if (pid !== undefined) {
      process.kill(pid, "SIGTERM");
      await expect.poll(() => isRunning(pid), { timeout: 20_000, interval: 100 }).toBe(false);
    }
    // A daemon mounts its data folder on itself, and one that failed leaves that behind.
    if ((await readFile("/proc/mounts", "utf8")).includes(` ${folder}/data `)) execFileSync("umount", [`${folder}/data`]);
    await rm(folder, { recursive: true, force: true });
  }
});

/** A daemon that ended and that nobody has waited for yet still has a folder in /proc. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

const bridge = () => existsSync("/sys/class/net/docker0");

it.skipIf(means.can !== "start")(
  "starts one engine in a session of its own, for two that ask at once, and says so once",
  async () => {
    const places = await elsewhere();
    const hadBridge = bridge();
    const said: string[][] = [[], []];
    const ask = (index: number) => openEngine({ provision: "auto", places, onProgress: (line) => said[index]?.push(line) });
    const [first, second] = await Promise.all([ask(0), ask(1)]);
    const ids = await Promise.all([first, second].map(async ({ docker }) => (await docker.info()).ID));
    expect(ids[0]).toBe(ids[1]);
    const starts = said
      .flat()
      .filter((line) => /^engine: starting .* in a session of its own; its log is .*dockerd\.log$/.test(line));
    expect(starts).toHaveLength(1);
    const pid = await readFile(join(places.lock, "../pid"), "utf8");
    // Field 6 of /proc/PID/stat, after the name, is the session: the daemon's own.
    const stat = await readFile(`/proc/${pid.trim()}/stat`, "utf8");
    expect(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[3]).toBe(pid.trim());
    expect(readlinkSync(`/proc/${pid.trim()}/ns/net`)).not.toBe(readlinkSync("/proc/self/ns/net"));
    expect(bridge()).toBe(hadBridge);
  },
);

it.skipIf(means.can !== "start")(
  "a daemon that ends at once is an error with its last lines, without waiting for the bound",
  async () => {
    const places = await elsewhere(["--no-such-flag"]);
    const began = performance.now();
    await expect(openEngine({ provision: "auto", places, onProgress: () => {} })).rejects.toMatchObject({
      code: "E_PROVISION_FAILED",
      exitCode: 4,
      message: expect.stringMatching(/dockerd ended with \d+; its last lines:\n[\s\S]*--no-such-flag/),
    });
    expect(performance.now() - began).toBeLessThan(30_000);
  },
);

it("never starts one when that is forbidden, and says what would be done", async () => {
  const places = await elsewhere();
  const said: string[] = [];
  await expect(openEngine({ provision: "never", places, onProgress: (line) => said.push(line) })).rejects.toMatchObject({
    code: "E_NO_ENGINE",
    exitCode: 4,
    cure: expect.stringMatching(means.can === "nothing" ? /DOCKER_HOST/ : /SPROCKET_PROVISION=never/),
  });
  expect(said).toEqual([]);
});
