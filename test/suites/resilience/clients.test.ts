import { expect, test } from "vitest";
import type { Sample } from "../../../src/history/sample.ts";
import { clients } from "../../../suites/resilience/clients.ts";
import { sampleOf } from "../../check/a-history.ts";

const refused = { kind: "connect-refused", message: "refused" } as const;
const { due, sent, done, phases } = sampleOf();
const s3 = (status: number | undefined): Sample => ({
  due,
  sent,
  done,
  phases,
  probe: "s3",
  ...(status === undefined ? { error: refused } : { response: { results: [{ do: "list", took: 1, bytes: 0, status }] } }),
});

test.each(["dashboard", "forward-auth"] as const)("%s is answered well only by a redirection", (name) => {
  const { good } = clients[name];
  expect([302, 307].map((status) => good(sampleOf({ status })))).toEqual([true, true]);
  // 200: open to strangers; 404: no route; 500: Traefik could not ask forward-auth.
  expect([200, 404, 500].map((status) => good(sampleOf({ status })))).toEqual([false, false, false]);
  expect(good(sampleOf({ error: refused }))).toBe(false);
  expect(good(sampleOf({ status: 302, error: refused }))).toBe(false);
});

test("the object storage is answered well only by a listing", () => {
  const { good } = clients.s3;
  expect([200, 403, 503, undefined].map((status) => good(s3(status)))).toEqual([true, false, false, false]);
  expect(good(sampleOf({ status: 200 }))).toBe(false);
});
