import { expect, test } from "vitest";
import { type HeldFault, holdFault } from "../../src/fault/hold.ts";
import type { HistoryWriter } from "../../src/history/writer.ts";

/** What a fault's life leaves in a history, with what was done meanwhile. */
async function held(
  fault: Partial<HeldFault>,
  look: () => Promise<void> = async () => {},
): Promise<{ steps: string[]; error?: string }> {
  const steps: string[] = [];
  const history = {
    append: (event: { step: string }) => steps.push(event.step),
    flush: async () => void steps.push("on disk"),
  } as unknown as HistoryWriter;
  const whole: HeldFault = {
    name: "x/gone",
    undo: "brought back",
    apply: async () => void steps.push("(apply)"),
    bites: async () => true,
    remove: async () => void steps.push("(remove)"),
    healed: async () => true,
    ...fault,
  };
  try {
    await holdFault(history, "x/faults", whole, async () => {
      steps.push("(look)");
      await look();
    });
    return { steps };
  } catch (error) {
    return { steps, error: (error as Error).message };
  }
}

const end = ["(remove)", "removed", "heal-seen"];

test("the intent is on disk before it is applied, and nobody looks before it bites", async () => {
  let looks = 0;
  const bites = async () => ++looks > 2;
  expect((await held({ bites })).steps).toEqual(["intent", "on disk", "(apply)", "applied", "effect-seen", "(look)", ...end]);
  expect(looks).toBe(3);
});

test("it ends whatever happened to the look, which is told", async () => {
  const look = async () => {
    throw new Error("nobody there");
  };
  const { steps, error } = await held({}, look);
  expect(steps.slice(-4)).toEqual(["(look)", ...end]);
  expect(error).toBe("nobody there");
});

test("one that could not be applied is undone all the same", async () => {
  const apply = async () => {
    throw new Error("refused");
  };
  expect(await held({ apply })).toEqual({ steps: ["intent", "on disk", ...end], error: "refused" });
});

test("one that cannot be removed says so", async () => {
  const remove = async () => {
    throw new Error("stuck");
  };
  const { steps, error } = await held({ remove });
  expect(steps.at(-1)).toBe("failed");
  expect(error).toBe("stuck");
});
