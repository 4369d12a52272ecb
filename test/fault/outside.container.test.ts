import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../src/candidate/types.ts";
import type { ProbeOf } from "../../src/engine/agent-protocol.ts";
import { UndoJournal } from "../../src/engine/undo/journal.ts";
import { undo } from "../../src/engine/undo/step.ts";
import { until } from "../../src/engine/until.ts";
import type { PreparedFault } from "../../src/fault/fault.ts";
import { type Fault, kindOf } from "../../src/fault/kinds.ts";
import type { ProbeKind, Sample } from "../../src/history/sample.ts";
import type { Replica } from "../../src/replica/up.ts";
import { type Start, startReplica } from "../replica/a-replica.ts";

// One replica serves the file: all parties, the entry point, a Redis and the web page.
const kept: readonly Role[] = ["traefik", "socket-proxy", "redis", "web"];
let start: Start;
let replica: Replica;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sprocket-resilience-faults-"));
  start = await startReplica({
    upTo: "platform",
    change(candidate) {
      candidate.services = candidate.services.filter(({ role }) => role && kept.includes(role));
      const names = candidate.services.map(({ name }) => name);
      for (const service of candidate.services) service.needs = service.needs.filter((name) => names.includes(name));
      const config = candidate.configs.find(({ name }) => name === "traefik-config");
      if (!config) throw new Error("the reference's Traefik has no configuration");
      // It asks every 15 s otherwise, and gathers what it learnt for 2 s.
      config.content = config.content
        .replace("swarmMode: true", "swarmMode: true\n    swarmModeRefreshSeconds: 1")
        .replace("providers:\n", "providers:\n  providersThrottleDuration: 100ms\n");
    },
  });
  replica = await start.replica;
  await routed();
  await trusted();
});

afterAll(async () => {
  expect((await start?.down())?.left).toEqual([]);
  rmSync(folder, { recursive: true, force: true });
});

const soon = (what: string, holds: () => Promise<boolean>, withinMs = 60_000) => until(what, { withinMs, everyMs: 50 }, holds);
const answered = (ask: () => Promise<Sample>, what: string) => soon(what, async () => (await ask()).error === undefined);

async function inside<K extends ProbeKind>(probe: ProbeOf[K] & { kind: K }): Promise<Sample<K>> {
  const task = await replica.swarm.running(replica.service("web").candidate.name);
  if (!task) throw new Error("nobody runs to look from");
  return await replica.nodeAgent.probe<K>({ netnsPid: task.pid }, { timeouts: { totalMs: 2_000 }, ...probe });
}

/** Clients in the network namespace of a task, by name; the web page's stands in the public network. */
const client = {
  postgres: () => {
    const { host, port, user, passwordSecret } = replica.plan.candidate.parties.postgres as NonNullable<
      Replica["plan"]["candidate"]["parties"]["postgres"]
    >;
    const password = replica.secrets.get(passwordSecret);
    return inside<"postgres">({
      kind: "postgres",
      ...{ host, port, user, password, database: "sprocket_main", sslmode: "verify-full", caPem: replica.authority.certificate },
      queries: [{ sql: "SELECT 1" }],
    });
  },
  s3: () => {
    const { host, accessSecret, keySecret, buckets } = replica.plan.candidate.parties.s3 as NonNullable<
      Replica["plan"]["candidate"]["parties"]["s3"]
    >;
    const [accessKey, secretKey] = [replica.secrets.get(accessSecret), replica.secrets.get(keySecret)];
    const [bucket = ""] = buckets;
    return inside<"s3">({
      kind: "s3",
      ...{ endpoint: `https://${host}`, accessKey, secretKey, tls: { caPem: replica.authority.certificate } },
      actions: [{ do: "get", bucket, key: "kept" }],
    });
  },
  dns: () => inside<"dns">({ kind: "dns", name: replica.plan.candidate.parties.s3?.host ?? "" }),
  redis: () => {
    const name = replica.service("redis").candidate.name;
    const password = replica.secrets.get(redisSecret());
    return inside<"redis">({ kind: "redis", host: name, port: 6379, password, commands: [["PING"]] });
  },
  web: () => {
    const agent = replica.vantages.get("public")?.agent;
    if (!agent) throw new Error("there is no public network");
    const { domain } = replica.plan.candidate;
    return agent.probe<"http">(
      {},
      {
        kind: "http",
        url: `https://${domain}/`,
        tls: { caPem: replica.authority.certificate },
        timeouts: { totalMs: 3_000 },
      },
    );
  },
};

/** By the task that Swarm wants: the one before it may answer still while it ends. */
const routed = () =>
  soon("the web page", async () => {
    const [newest] = await replica.swarm.tasks(replica.service("web").candidate.name);
    return newest?.state === "running" && (await client.web()).response?.status === 302;
  });
const trusted = () => soon("a certificate that clients take", async () => (await client.web()).tls?.verifyError === undefined);
const redisSecret = () => {
  const found = /\$\{secret:([\w-]+)\}/.exec((replica.service("redis").candidate.args ?? []).join(" "))?.[1];
  if (!found) throw new Error("the reference's Redis has no password");
  return found;
};
const specs = async () => (await replica.swarm.specs()).specs;
const state = async () => {
  const { configs, secrets } = {
    configs: await replica.node.daemon.listConfigs(),
    secrets: await replica.node.daemon.listSecrets(),
  };
  return { specs: await specs(), objects: [...configs, ...secrets].map(({ ID }) => ID).sort() };
};
const helpers = async () =>
  (await start.existing()).containers.flatMap(({ Names }) => Names).filter((name) => /-sr-[0-9a-f]{8}$/.test(name));

/** The life of a fault: harmless before it is applied, bites, is undone from what is on the disk alone, and twice. */
async function life(fault: Fault, meanwhile: (prepared: PreparedFault) => Promise<void>): Promise<void> {
  const { docker } = start;
  const before = await state();
  const prepared = await kindOf(fault).prepare(replica, fault);
  expect(await prepared.bites()).toBe(false);
  expect(await undo(docker, prepared.undo), "undone without being applied").toEqual([]);
  expect(await prepared.bites()).toBe(false);
  const own = mkdtempSync(join(folder, "run-"));
  const journal = new UndoJournal(own);
  const id = journal.open(prepared.name, prepared.undo);
  try {
    await prepared.apply();
    await soon(`${prepared.name} to bite`, prepared.bites, 30_000);
    expect(await prepared.healed(), "healed while it is there").toBe(false);
    await meanwhile(prepared);
  } finally {
    const left = new UndoJournal(own).left();
    expect(left.map(({ fault: name }) => name)).toEqual([prepared.name]);
    for (const { steps } of left) expect(await undo(docker, steps)).toEqual([]);
  }
  await soon(`${prepared.name} to heal`, prepared.healed);
  journal.close(id);
  expect(await undo(docker, prepared.undo), "undone once more").toEqual([]);
  expect(await prepared.healed()).toBe(true);
  expect(await prepared.bites()).toBe(false);
  expect(await state()).toEqual(before);
  expect(await helpers()).toEqual([]);
}

describe("parties", () => {
  beforeAll(async () => {
    const { host, accessSecret, keySecret, buckets } = replica.plan.candidate.parties.s3 as NonNullable<
      Replica["plan"]["candidate"]["parties"]["s3"]
    >;
    const [accessKey, secretKey] = [replica.secrets.get(accessSecret), replica.secrets.get(keySecret)];
    await inside<"s3">({
      kind: "s3",
      ...{ endpoint: `https://${host}`, accessKey, secretKey, tls: { caPem: replica.authority.certificate } },
      actions: [{ do: "put", bucket: buckets[0] ?? "", key: "kept", body: "what was written before" }],
    });
  });

  it.each(["postgres", "s3", "dns"] as const)("%s is off, and comes back where it was with what it had", async (party) => {
    const ask = client[party];
    expect((await ask()).error).toBeUndefined();
    await life({ kind: "party/gone", party, how: "off" }, async () => {
      expect((await ask()).error).toBeDefined();
    });
    await answered(ask, `${party} to answer`);
  });

  it("two that are off at once come back each where it was, in whatever order", async () => {
    const both = await Promise.all(
      (["s3", "postgres"] as const).map((party) => {
        const fault: Fault = { kind: "party/gone", party, how: "off" };
        return kindOf(fault).prepare(replica, fault);
      }),
    );
    for (const one of both) await one.apply();
    for (const one of both) expect(await undo(start.docker, one.undo)).toEqual([]);
    for (const one of both) await soon(`${one.name} to heal`, one.healed);
    await answered(client.postgres, "postgres to answer");
    await answered(client.s3, "s3 to answer");
    expect((await client.s3()).response?.results[0]?.body).toBe("what was written before");
  });

  it.each(["postgres", "s3", "dns"] as const)("%s hangs", async (party) => {
    await life({ kind: "party/gone", party, how: "hangs" }, async () => {
      expect((await client[party]()).error?.kind).toMatch(/timeout|dns/);
    });
    await answered(client[party], `${party} to answer`);
  });

  it.each(["postgres", "s3", "dns"] as const)("%s refuses", async (party) => {
    await life({ kind: "party/refuses", party }, async () => {
      const { error } = await client[party]();
      // A task asks the engine's resolver, which waits for another answer.
      expect(error?.kind).toMatch(party === "dns" ? /dns|timeout/ : /connect-refused/);
    });
    expect((await client[party]()).error).toBeUndefined();
  });

  it.each(["postgres", "s3", "dns"] as const)("%s is slow", async (party) => {
    /** The quickest of some looks: what else the machine does can only make one slower. */
    const quickest = async () => {
      const took: number[] = [];
      for (let looks = 0; looks < 4; looks += 1) {
        const { sent, done } = await client[party]();
        took.push((done - sent) / 1e6);
      }
      return Math.min(...took);
    };
    const before = await quickest();
    let during = 0;
    await life({ kind: "party/slow", party, delayMs: 300 }, async () => {
      during = await quickest();
      expect(during).toBeGreaterThan(before + 250);
    });
    expect(await quickest()).toBeLessThan(during - 200);
  });

  it.each([403, 429] as const)("s3 answers %i", async (status) => {
    await life({ kind: "party/answers", party: "s3", status }, async () => {
      expect((await client.s3()).response?.results[0]).toMatchObject({ status });
    });
    expect((await client.s3()).response?.results[0]).toMatchObject({ status: 200, body: "what was written before" });
  });

  it("s3 answers a quarter of requests with 503, and the others as it does", async () => {
    await life({ kind: "party/answers", party: "s3", status: 503, percent: 25 }, async () => {
      const statuses: (number | undefined)[] = [];
      for (let n = 0; n < 20; n += 1) statuses.push((await client.s3()).response?.results[0]?.status);
      expect(statuses.filter((one) => one === 503)).toHaveLength(5);
      expect(statuses.filter((one) => one === 200)).toHaveLength(15);
    });
  });

  it("acme answers 503", async () => {
    await life({ kind: "party/answers", party: "acme", status: 503 }, async () => {});
  });

  it.each(["rate-limited", "refused", "down"] as const)("acme is %s, beside another fault of its own", async (how) => {
    const other: Fault = { kind: "party/acme-fails", how: "refused", hosts: ["other.invalid"] };
    const prepared = await kindOf(other).prepare(replica, other);
    await prepared.apply();
    try {
      const hosts = how === "down" ? {} : { hosts: ["web.invalid"] };
      await life({ kind: "party/acme-fails", how, ...hosts }, async () => {});
      expect(await prepared.bites()).toBe(true);
    } finally {
      expect(await undo(start.docker, prepared.undo)).toEqual([]);
    }
    expect(await prepared.healed()).toBe(true);
  });

  it("postgres knows the password no more", async () => {
    await life({ kind: "party/wrong-credentials", party: "postgres", endSessions: true }, async () => {
      expect((await client.postgres()).error).toMatchObject({ kind: "auth", code: "28P01" });
    });
    expect((await client.postgres()).error).toBeUndefined();
  });

  it("s3 knows the key no more", async () => {
    await life({ kind: "party/wrong-credentials", party: "s3" }, async () => {
      expect((await client.s3()).response?.results[0]).toMatchObject({ status: 403, code: "InvalidAccessKeyId" });
    });
  });

  it("slow, refusing and answering at once end in any order, each without the others", async () => {
    const faults: Fault[] = [
      { kind: "party/slow", party: "s3", delayMs: 300 },
      { kind: "party/answers", party: "s3", status: 503 },
      { kind: "party/refuses", party: "s3" },
    ];
    const [slow, answers, refuses] = (await Promise.all(faults.map((fault) => kindOf(fault).prepare(replica, fault)))) as [
      PreparedFault,
      PreparedFault,
      PreparedFault,
    ];
    const end = async (one: PreparedFault) => expect(await undo(start.docker, one.undo)).toEqual([]);
    try {
      await slow.apply();
      await answers.apply();
      await soon("slow answers of who stands there", async () => (await slow.bites()) && (await answers.bites()), 15_000);
      await refuses.apply();
      await soon("a refusal", refuses.bites, 15_000);
      await end(refuses);
      expect([await slow.bites(), await answers.bites(), await refuses.healed()]).toEqual([true, true, true]);
      await end(slow);
      expect([await slow.healed(), await answers.bites()]).toEqual([true, true]);
    } finally {
      for (const one of [slow, answers, refuses]) await end(one);
    }
    expect(await answers.healed()).toBe(true);
    expect(await helpers()).toEqual([]);
  });
});

describe("deployments", () => {
  const running = async (role: Role) => await replica.swarm.running(replica.service(role).candidate.name);
  const traefiksNotFound = async () => {
    const { response } = await client.web();
    return response?.status === 404 && response.bodyText === "404 page not found\n";
  };

  it.each(["missing", "cannot-start"] as const)("web is updated to an image that is bad: %s", async (how) => {
    await life({ kind: "deployment/bad-image", role: "web", how }, async (prepared) => {
      await soon("the web page to be gone", async () => (await client.web()).response?.status !== 302);
      expect(await prepared.seen?.()).toMatchObject({
        update: { State: expect.stringMatching(/paused|updating/) },
        tasks: expect.arrayContaining([expect.objectContaining({ State: expect.stringMatching(/rejected|failed/) })]),
      });
    });
    await routed();
  });

  it("web's rule names other hosts, and no task ends", async () => {
    const before = await running("web");
    await life({ kind: "deployment/wrong-host", role: "web" }, async () => {
      expect(await traefiksNotFound()).toBe(true);
    });
    expect((await running("web"))?.containerId).toBe(before?.containerId);
    expect(await traefiksNotFound()).toBe(false);
  });

  it.each(["enable", "rule", "port"] as const)("web has no label %s", async (label) => {
    await life({ kind: "deployment/label-missing", role: "web", label }, async () => {
      expect((await client.web()).response?.status).toBeGreaterThanOrEqual(404);
    });
    expect(await traefiksNotFound()).toBe(false);
  });

  it.each(["name", "rule"] as const)("a second service claims the %s of web's router", async (claims) => {
    await life({ kind: "deployment/duplicate-router", role: "web", claims }, async () => {
      expect((await client.web()).response?.status).toBe(claims === "name" ? 404 : 502);
    });
    expect(await traefiksNotFound()).toBe(false);
  });

  it("web is updated without its config", async () => {
    const file = replica.service("web").candidate.configs[0]?.target ?? "";
    await life({ kind: "deployment/config-missing", role: "web", file }, async () => {});
    await routed();
  });

  it("Redis asks for another password than its clients have", async () => {
    expect((await client.redis()).response?.replies).toEqual(["PONG"]);
    await life({ kind: "deployment/secret-rotated", role: "redis", secret: redisSecret() }, async () => {
      await soon("a refusal", async () => (await client.redis()).error?.kind === "auth");
    });
    await answered(client.redis, "Redis to take the password");
  });

  it("the value behind a config is replaced, and what was made for it is gone afterwards", async () => {
    const { candidate } = replica.service("web");
    const texts = replica.plan.candidate.configs.filter(({ name }) => candidate.configs.some(({ source }) => source === name));
    const secret =
      /\$\{secret:([\w-]+)\}/.exec(texts.map(({ content }) => content).join("\n"))?.[1] ?? candidate.secrets[0]?.source;
    expect(secret).toBeDefined();
    await life({ kind: "deployment/secret-rotated", role: "web", secret: secret ?? "" }, async () => {});
    await routed();
  });

  it("two on one service end in any order", async () => {
    const before = await state();
    const faults: Fault[] = [
      { kind: "deployment/wrong-host", role: "web" },
      { kind: "deployment/bad-image", role: "web", how: "missing" },
    ];
    const [host, image] = (await Promise.all(faults.map((fault) => kindOf(fault).prepare(replica, fault)))) as [
      PreparedFault,
      PreparedFault,
    ];
    await host.apply();
    await image.apply();
    await soon("the image to be refused", image.bites);
    expect(await undo(start.docker, host.undo)).toEqual([]);
    expect(await image.healed()).toBe(false);
    expect(await undo(start.docker, image.undo)).toEqual([]);
    await routed();
    await soon("both to heal", async () => (await image.healed()) && (await host.healed()));
    expect(await state()).toEqual(before);
  });
});

describe("certificates", () => {
  it("postgres's has ended: who verifies it does not come in, who does not comes in", async () => {
    await life({ kind: "certificate/expired", of: { at: "postgres" } }, async () => {
      expect((await client.postgres()).error).toMatchObject({ kind: "tls", message: expect.stringMatching(/expired/) });
    });
    expect((await client.postgres()).error).toBeUndefined();
  });

  it("postgres's ends in an hour: everybody takes it still", async () => {
    await life({ kind: "certificate/about-to-expire", of: { at: "postgres" }, inHours: 1 }, async () => {
      const { error, tls } = await client.postgres();
      expect(error).toBeUndefined();
      expect(Date.parse(tls?.chain?.[0]?.notAfter ?? "") - Date.now()).toBeLessThan(3_600_000);
    });
  });

  it("the entry point's has ended, and it gets no other", async () => {
    let store = "";
    // Only this replica's: others at the same time have files of theirs in the same image store.
    const beside = async () => (await replica.node.exec(["ls", dirname(store)])).stdout.split("\n");
    await life({ kind: "certificate/expired", of: { at: "entry-point", role: "web" } }, async ({ detail }) => {
      store = String(detail.store);
      expect(await beside()).toContainEqual(expect.stringMatching(/sr-[0-9a-f]{8}$/));
      const { error } = await client.web();
      expect(error).toMatchObject({ kind: "tls", message: expect.stringMatching(/expired/) });
    });
    await routed();
    expect(await beside()).toContain(basename(store));
    expect((await beside()).join(" ")).not.toMatch(/sr-[0-9a-f]{8}/);
  });
});

describe("clocks", () => {
  /** How far the clock of the web page's program is ahead, by the date of its answers; whole seconds. */
  const aheadSeconds = async () => {
    const date = (await client.web()).response?.headers?.date?.[0];
    return date === undefined ? Number.NaN : (Date.parse(date) - Date.now()) / 1000;
  };

  it("the web page's is a day fast", async () => {
    expect(Math.abs(await aheadSeconds())).toBeLessThan(5);
    await life({ kind: "clock/skew", role: "web", aheadSeconds: 86_400 }, async () => {
      await routed();
      expect(Math.abs((await aheadSeconds()) - 86_400)).toBeLessThan(5);
    });
    await routed();
    expect(Math.abs(await aheadSeconds())).toBeLessThan(5);
  });

  it.each([
    ["traefik", /reads the clock without the C library/],
    ["redis", /has an allocator/],
  ] as const)("%s's cannot be set wrong, and it is said why", async (role, why) => {
    const fault: Fault = { kind: "clock/skew", role, aheadSeconds: 60 };
    await expect(kindOf(fault).prepare(replica, fault)).rejects.toThrow(why);
  });
});
