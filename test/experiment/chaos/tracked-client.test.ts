import { expect, test } from "vitest";
import { TrackedClient } from "../../../src/experiment/chaos/tracked-client.ts";
import { sampleOf } from "../../check/a-history.ts";
import { good } from "../../check/samples.ts";

const client = () => new TrackedClient({ client: "web", from: "public" }, "public/web", good);
const answers = (from: number, count: number, status: number) =>
  Array.from({ length: count }, (_, at) => sampleOf({ dueMs: from + at * 100, status }));

test("is good for as long as its newest answers are good", () => {
  const tracked = client();
  tracked.add([...answers(0, 5, 503), ...answers(500, 20, 200)]);
  expect(tracked.isGoodFor({ run: 20, lastingMs: 1900 })).toBe(true);
  expect(tracked.isGoodFor({ run: 21, lastingMs: 1900 })).toBe(false);
  expect(tracked.isGoodFor({ run: 20, lastingMs: 1901 })).toBe(false);
});

test("an answer that was held up counts where it was due", () => {
  const tracked = client();
  tracked.add(answers(0, 20, 200));
  tracked.add([sampleOf({ dueMs: 1850, tookMs: 5000, status: 503 })]);
  expect(tracked.isGoodFor({ run: 2, lastingMs: 0 })).toBe(false);
});

test("tells the bad ones' share of a last while", () => {
  const tracked = client();
  tracked.add([...answers(0, 100, 200), ...answers(10_000, 10, 503)]);
  expect(tracked.badShare(1000)).toEqual({ share: 10 / 11, n: 11 });
  expect(client().badShare(1000)).toEqual({ share: 0, n: 0 });
});

test("is served again after a mark when good answers follow a bad one, or when there was nothing to notice for five seconds", () => {
  const tracked = client();
  tracked.add(answers(0, 100, 200));
  tracked.mark();
  // Due before the mark, or while answers were still on their way.
  tracked.add(answers(10_000, 3, 200));
  expect(tracked.isServedAgain()).toBe(false);
  tracked.add(answers(10_300, 10, 503));
  tracked.add(answers(11_300, 20, 200));
  expect(tracked.isServedAgain()).toBe(false);
  tracked.add(answers(13_300, 1, 200));
  expect(tracked.isServedAgain()).toBe(true);

  const spared = client();
  spared.add(answers(0, 100, 200));
  spared.mark();
  spared.add(answers(10_000, 52, 200));
  expect(spared.isServedAgain()).toBe(false);
  spared.add(answers(15_200, 1, 200));
  expect(spared.isServedAgain()).toBe(true);
});
