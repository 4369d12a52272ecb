import { expect, test } from "vitest";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import type { LedgerStore } from "../../src/engine/agent-protocol.ts";
import type { LedgerSample } from "../../src/history/sample.ts";
import type { HistoryWriter } from "../../src/history/writer.ts";
import { RecordingPlace } from "../../src/probe/places.ts";

/** A place whose agent brings these writes, and what it was asked and recorded. */
function placeOf(writes: LedgerSample[], cleared: object = { removed: 0 }) {
  const facts: Record<string, unknown> = {};
  const asked: { op: string; store: LedgerStore; options: object }[] = [];
  const ask = (op: string) => (_where: object, store: LedgerStore, options: object) => {
    asked.push({ op, store, options });
    return Promise.resolve(op === "clear" ? cleared : { found: [], count: 0, duplicates: [], foreign: 0 });
  };
  const agent = {
    ledger: (_where: object, store: LedgerStore, options: object, onSamples: (samples: LedgerSample[]) => void) => {
      asked.push({ op: "write", store, options });
      onSamples(writes);
      return { done: Promise.resolve({}), stop: async () => {} };
    },
    ledgerRead: ask("read"),
    ledgerClear: ask("clear"),
  };
  const place = new RecordingPlace({
    history: { append: ({ name, data }: { name: string; data: unknown }) => (facts[name] = data) } as unknown as HistoryWriter,
    observation: "o",
    vantage: "public",
    agent: agent as unknown as AgentClient,
    where: {},
    manners: { authority: "a root", resolver: "10.0.0.2" },
    signal: new AbortController().signal,
  });
  return { place, facts, asked };
}

const ms = (milliseconds: number) => milliseconds * 1e6;
const write = (seq: number, ackedAfterMs?: number, name?: string): LedgerSample => ({
  seq,
  due: ms(1_000 + seq * 20),
  sent: ms(1_000 + seq * 20),
  done: ms(9_000),
  ...(ackedAfterMs === undefined ? {} : { acked: ms(1_000 + seq * 20 + ackedAfterMs) }),
  ...(name === undefined ? {} : { name }),
});

const graphql = { kind: "graphql", url: "https://api.example/graphql", mutation: "m", query: "q", prefix: "p" } as const;

test("a ledger is recorded by its schedule, and each acknowledgement that came later than the next write was due", async () => {
  const { place, facts } = placeOf([write(2, 1_234.4), write(0, 3), write(1, 20), write(3)]);
  const writing = place.startLedger("l", graphql, { ratePerSecond: 50, withinMs: 1_000 });
  expect(writing.acknowledged()).toBe(3);
  await writing.stop();
  expect(facts["l/ledger"]).toMatchObject({
    vantage: "public",
    attempted: 4,
    acknowledged: [[0, 2]],
    firstDue: ms(1_000),
    everyMs: 20,
    slowAcks: [[2, 1_234]],
  });
});

test("names that the store chose are asked for when it is read back", async () => {
  const { place, asked } = placeOf([write(0, 1, "first"), write(1), write(2, 1, "third")]);
  await place.startLedger("l", graphql, { ratePerSecond: 50, withinMs: 1_000 }).stop();
  await place.ledgerRead("l", graphql);
  expect(asked.find(({ op }) => op === "read")?.options).toMatchObject({ names: { 0: "first", 2: "third" } });
});

test("a store is reached as clients of the place reach it", async () => {
  const server = { host: "h", port: 1, user: "u", database: "d", sslmode: "require", table: "t" } as const;
  const { place, asked } = placeOf([]);
  await place.ledgerRead("l", graphql);
  await place.ledgerRead("l", { kind: "postgres", ...server });
  await place.ledgerRead("l", { kind: "redis", host: "h", port: 1, prefix: "p" });
  const resolve = { server: "10.0.0.2" };
  expect(asked.map(({ store }) => store)).toEqual([
    { ...graphql, resolve, tls: { caPem: "a root" } },
    { kind: "postgres", ...server, resolve },
    { kind: "redis", host: "h", port: 1, prefix: "p", resolve },
  ]);
});

test("a store that could not be emptied is no store to begin with", async () => {
  const broken = placeOf([], { removed: 3, error: { kind: "timeout", message: "60 s" } });
  await expect(broken.place.ledgerClear("l", graphql)).rejects.toThrow("timeout: 60 s");
  expect(broken.facts["l/cleared"]).toMatchObject({ removed: 3 });
  await expect(placeOf([]).place.ledgerClear("l", graphql)).resolves.toBeUndefined();
});
