import { expect, test } from "vitest";
import { UndoJournal } from "../../src/engine/undo/journal.ts";
import type { UndoStep } from "../../src/engine/undo/step.ts";
import type { PreparedFault } from "../../src/fault/fault.ts";
import { FaultSession } from "../../src/fault/session.ts";
import type { HistoryWriter } from "../../src/history/writer.ts";
import type { Replica } from "../../src/replica/up.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const thaw: UndoStep = { do: "unpause", container: "c" };

/** A session whose faults are given ready, on a Docker with one container; what happened, in order, with what stood in the journal at each moment. */
async function session(
  prepare: (name: string) => Partial<PreparedFault>,
  docker: { paused: boolean; refuses?: true } = { paused: true },
) {
  const journal = new UndoJournal(await temporaryFolder());
  const happened: string[] = [];
  const say = (what: string) => void happened.push(`${what} [${journal.left().length}]`);
  const container = {
    inspect: async () => ({ State: { Running: true, Paused: docker.paused } }),
    unpause: async () => {
      if (docker.refuses) throw new Error("it is wedged");
      docker.paused = false;
      say("thawed");
    },
  };
  const replica = {
    docker: { getContainer: () => container },
    nodeAgent: { hello: async () => ({ monotonicNs: 1 }) },
  } as unknown as Replica;
  const history = {
    append: ({ fault, step }: { fault: string; step: string }) => say(`${fault} ${step}`),
    flush: async () => {},
  } as unknown as HistoryWriter;
  const over = new AbortController();
  const faults = new FaultSession({
    replica,
    history,
    observation: "x",
    journal,
    signal: over.signal,
    kindOf: () => ({
      kind: "x",
      words: () => "",
      prepare: async (_, { kind }) => ({
        name: kind,
        detail: {},
        undo: [thaw],
        apply: async () => say(`(${kind})`),
        bites: async () => true,
        healed: async () => !docker.paused,
        ...prepare(kind),
      }),
    }),
  });
  return { faults, happened, journal, docker, over };
}

test("what undoes a fault is on the disk before it is applied, and closed once it is healed", async () => {
  const { faults, happened, journal } = await session(() => ({}));
  const fault = await faults.apply({ kind: "a" });
  await fault.remove();
  await fault.remove();
  expect(happened).toEqual([
    "a intent [1]",
    "(a) [1]",
    "a applied [1]",
    "a effect-seen [1]",
    "thawed [1]",
    "a removed [1]",
    "a heal-seen [1]",
  ]);
  expect(journal.left()).toEqual([]);
});

test("what is left is undone last-first, also what failed while it was applied", async () => {
  const { faults, happened } = await session((name) =>
    name === "b"
      ? {
          apply: async () => {
            throw new Error("no");
          },
        }
      : {},
  );
  await faults.apply({ kind: "a" });
  await expect(faults.apply({ kind: "b" })).rejects.toThrow("no");
  await faults.undoAll();
  expect(happened.filter((one) => one.includes("removed"))).toEqual(["b removed [2]", "a removed [1]"]);
});

test("one that cannot be undone stands as failed in the history and open in the journal, with what to do by hand", async () => {
  const { faults, happened, journal } = await session(() => ({}), { paused: true, refuses: true });
  const fault = await faults.apply({ kind: "a" });
  await expect(fault.remove()).rejects.toThrow("docker unpause c: it is wedged");
  expect(happened.at(-1)).toBe("a failed [1]");
  expect(journal.left()).toMatchObject([{ fault: "a" }]);
});

test("it follows to whoever took its victim's place, and is taken from the old one first", async () => {
  let replaced = false;
  const { faults, happened } = await session(() => ({ stale: async () => replaced }));
  const fault = await faults.apply({ kind: "a" });
  expect(await fault.follow()).toBe(false);
  replaced = true;
  expect(await fault.follow()).toBe(true);
  replaced = false;
  await fault.remove();
  const steps = happened
    .map((one) => one.split(" ")[1])
    .filter((step) => ["intent", "effect-seen", "removed"].includes(step ?? ""));
  expect(steps).toEqual(["intent", "effect-seen", "removed", "intent", "effect-seen", "removed"]);
});

test("nothing is applied once the run is over", async () => {
  const { faults, happened, over } = await session(() => ({}));
  over.abort(new Error("over"));
  await expect(faults.apply({ kind: "a" })).rejects.toThrow("over");
  expect(happened).toEqual([]);
});
