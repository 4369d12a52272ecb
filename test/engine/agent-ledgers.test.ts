import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountOf } from "../../src/check/ledger.ts";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import type { LedgerStore } from "../../src/engine/agent-protocol.ts";
import type { LedgerSample } from "../../src/history/sample.ts";
import { buildAgent, buildTimeout, startAgent, until } from "./agent-binary.ts";
import { type KnownStore, knownStores } from "./known-stores.ts";

const here = {};
let binary: ReturnType<typeof buildAgent>;
let client: AgentClient;
const open: KnownStore[] = [];
const folder = mkdtempSync(join(tmpdir(), "sprocket-ledgers-"));
const tokenFile = join(folder, "token");

beforeAll(() => {
  writeFileSync(tokenFile, "known\n");
  binary = buildAgent();
  client = startAgent(binary.path).client;
}, buildTimeout);

afterAll(async () => {
  for (const known of open) known.close();
  await client?.close();
  binary?.remove();
  rmSync(folder, { recursive: true });
});

const kinds = ["postgres", "s3", "vault", "graphql"] as const;

async function started(kind: (typeof kinds)[number]): Promise<KnownStore> {
  const known = await knownStores[kind](tokenFile);
  open.push(known);
  return known;
}

const namesOf = (writes: readonly LedgerSample[]) =>
  Object.fromEntries(writes.flatMap(({ seq, name }) => (name === undefined ? [] : [[seq, name]])));

async function written(store: LedgerStore, count: number, ratePerSecond = 200): Promise<LedgerSample[]> {
  const writes: LedgerSample[] = [];
  const result = await client.ledger(here, store, { fromSequence: 0, count, ratePerSecond }, (batch) => writes.push(...batch))
    .done;
  expect(result).toMatchObject({ planned: count, sent: count, notSent: 0 });
  return writes.toSorted((a, b) => a.seq - b.seq);
}

const acked = (writes: readonly LedgerSample[]) => writes.filter((write) => write.acked !== undefined).map(({ seq }) => seq);
const numbersOf = (held: Map<string, string>) => [...held.keys()].map(Number).sort((a, b) => a - b);

describe.each(kinds)("a ledger in %s", (kind) => {
  it("takes for acknowledged what the store acknowledged, and counts exactly what it lost", async () => {
    const known = await started(kind);
    const fate = (seq: number) =>
      seq % 10 === 3 ? "forget" : seq % 10 === 5 ? "hang-up" : seq % 10 === 7 ? "refuse" : seq === 44 ? "no-answer" : "keep";
    known.treat = fate;
    const writes = await written(known.store, 100);
    const of = (wanted: ReturnType<typeof fate>[]) =>
      writes.filter(({ seq }) => wanted.includes(fate(seq))).map(({ seq }) => seq);
    expect(acked(writes)).toEqual(of(["keep", "forget"]));
    for (const { seq, acked, error } of writes) expect([seq, acked === undefined]).toEqual([seq, error !== undefined]);
    const read = await client.ledgerRead(here, known.store, { names: namesOf(writes) });
    expect(read.error).toBeUndefined();
    expect(accountOf(writes, read)).toEqual({
      attempted: 100,
      acknowledged: 79,
      lost: of(["forget"]),
      unexpected: [],
      foreign: 0,
      duplicated: [],
      // Nobody knows the id of a scrim whose answer never came.
      recovered: kind === "graphql" ? [] : of(["hang-up", "no-answer"]),
    });
  });

  it("says of an unanswered write that its time was over, of a refused one why, and of a broken one that it broke", async () => {
    const known = await started(kind);
    known.treat = (seq) => (["no-answer", "refuse", "hang-up"] as const)[seq] ?? "keep";
    const [unanswered, refused, broken, kept] = await written(known.store, 4, 20);
    expect(unanswered?.error?.kind).toBe("timeout");
    expect(unanswered && (unanswered.done - unanswered.sent) / 1e6).toBeGreaterThanOrEqual(299);
    const codes = { postgres: "53100", s3: "SlowDown", vault: "503", graphql: "RPC_TIMEOUT" };
    expect(refused?.error).toMatchObject({ kind: "protocol", code: codes[kind] });
    expect(["closed", "reset"]).toContain(broken?.error?.kind);
    expect(kept?.acked).toBeDefined();
  });

  it("keeps its connections, and makes one again after an error", async () => {
    const known = await started(kind);
    known.treat = (seq) => (seq === 10 ? "hang-up" : "keep");
    const writes: LedgerSample[] = [];
    await client.ledger(here, known.store, { fromSequence: 0, count: 50, asFastAs: 1 }, (batch) => writes.push(...batch)).done;
    expect(acked(writes)).toHaveLength(49);
    expect(known.connections()).toBe(2);
  });

  it("goes on at its rate while nothing answers, and is acknowledged again afterwards", async () => {
    const known = await started(kind);
    let away = true;
    known.treat = () => (away ? "no-answer" : "keep");
    const writes: LedgerSample[] = [];
    const running = client.ledger(here, known.store, { fromSequence: 0, ratePerSecond: 100, durationMs: 20_000 }, (batch) =>
      writes.push(...batch),
    );
    await until(() => writes.length > 40);
    expect(acked(writes)).toEqual([]);
    away = false;
    await until(() => acked(writes).length > 40);
    await running.stop();
    const { planned, notSent } = await running.done;
    expect([writes.length, notSent]).toEqual([planned, 0]);
    const read = await client.ledgerRead(here, known.store, { names: namesOf(writes) });
    expect(accountOf(writes, read).lost).toEqual([]);
  });

  it("is empty before the first write, and unreadable when nobody answers", async () => {
    const known = await started(kind);
    expect(await client.ledgerRead(here, known.store)).toEqual({ found: [], count: 0, duplicates: [], foreign: 0 });
    known.close();
    const read = await client.ledgerRead(here, known.store, { names: { 1: "id-of-1" } });
    expect(read).toMatchObject({ count: 0, error: { kind: "connect-refused" } });
  });
});

describe.each(["postgres", "s3", "vault"] as const)("entries in %s", (kind) => {
  it("that are none of ours are told apart from numbers", async () => {
    const known = await started(kind);
    await written(known.store, 5);
    // A row that is no number, an object that was cut off, a secret with another value.
    known.held.set("3", kind === "s3" ? "" : "another");
    const read = await client.ledgerRead(here, known.store);
    expect(read).toMatchObject({ count: 4, foreign: 1 });
    expect(read.found).toEqual([
      [0, 2],
      [4, 4],
    ]);
  });

  it("are removed before another ledger begins", async () => {
    const known = await started(kind);
    await written(known.store, 20);
    expect(numbersOf(known.held)).toHaveLength(20);
    expect(await client.ledgerClear(here, known.store)).toEqual({ removed: 20 });
    expect(known.held.size).toBe(0);
    expect(await client.ledgerClear(here, known.store)).toEqual({ removed: 0 });
    known.close();
    expect(await client.ledgerClear(here, known.store)).toMatchObject({ removed: 0, error: { kind: "connect-refused" } });
  });
});

describe("what is particular to a store", () => {
  it("PostgreSQL: a number that stands in two rows is a duplicate, and a hanging server is asked for so many sessions and no more", async () => {
    const known = await started("postgres");
    await written(known.store, 3);
    known.held.set("again 1", "1");
    expect((await client.ledgerRead(here, known.store)).duplicates).toEqual([{ seq: 1, times: 2 }]);
    known.treat = () => "no-answer";
    const before = known.connections();
    const writes = await written({ ...known.store, connections: 3 } as LedgerStore, 40, 400);
    expect(acked(writes)).toEqual([]);
    expect(writes.flatMap(({ error }) => (error?.kind === "timeout" ? [] : [error]))).toEqual([]);
    expect(writes.filter(({ error }) => error?.message.includes("all 3 sessions were busy")).length).toBeGreaterThan(30);
    const tookMs = (Math.max(...writes.map(({ done }) => done)) - Math.min(...writes.map(({ sent }) => sent))) / 1e6;
    expect(known.connections() - before).toBeLessThanOrEqual(3 * Math.ceil(tookMs / 300));
  });

  it("S3: says that the bucket is gone, and that its keys are refused", async () => {
    const known = await started("s3");
    const read = (more: object) => client.ledgerRead(here, { ...known.store, ...more } as LedgerStore);
    expect((await read({ bucket: "gone" })).error).toMatchObject({ kind: "protocol", code: "NoSuchBucket" });
    expect((await read({ accessKey: "another" })).error).toMatchObject({ kind: "auth", code: "AccessDenied" });
  });

  it("Vault: tells an empty path from one where nothing is mounted, and takes the token from its file each time", async () => {
    const known = await started("vault");
    const read = (more: object) => client.ledgerRead(here, { ...known.store, ...more } as LedgerStore);
    expect((await read({})).error).toBeUndefined();
    expect((await read({ mount: "gone" })).error).toMatchObject({ kind: "protocol", code: "404" });
    const others = join(folder, "another token");
    writeFileSync(others, "another\n");
    expect((await read({ tokenFile: others })).error).toMatchObject({ kind: "auth", code: "403" });
    writeFileSync(others, "known\n");
    expect((await read({ tokenFile: others })).error).toBeUndefined();
    // Deleted later, and lost by the storage but for the metadata: both are listed, and there is nothing.
    await written(known.store, 3);
    known.held.set("1", "").set("2", "half");
    expect(await read({})).toMatchObject({ found: [[0, 0]], foreign: 0 });
  });

  it("GraphQL: what shows another mark is not the write that was acknowledged", async () => {
    const known = await started("graphql");
    const writes = await written(known.store, 3);
    known.held.set("1", "somebody-else");
    expect(await client.ledgerRead(here, known.store, { names: namesOf(writes) })).toMatchObject({ count: 2, foreign: 1 });
    await expect(client.ledgerClear(here, known.store)).rejects.toThrow("cannot be removed");
  });

  it("is refused when a setting is missing or not known", async () => {
    const known = await started("s3");
    const write = (store: object) =>
      client.ledger(here, store as LedgerStore, { fromSequence: 0, count: 1, ratePerSecond: 1 }, () => {}).done;
    await expect(write({ ...known.store, prefix: "" })).rejects.toThrow("store.prefix is missing");
    await expect(write({ ...known.store, queue: "q" })).rejects.toThrow('unknown field "queue"');
    await expect(write({ kind: "nowhere" })).rejects.toThrow('store.kind "nowhere" is not known');
  });
});
