import { expect, test } from "vitest";
import "../../../suites/access/tailnet.ts";
import type { EventBody } from "../../../src/history/events.ts";
import type { Sample, SampleError } from "../../../src/history/sample.ts";
import { broken, judgeOf, seen, told } from "../layer1/judge.ts";

const silence: SampleError = { kind: "connect-timeout", message: "nothing came back" };
const place: EventBody = { type: "vantage", name: "tailscale", place: "outside", subnets: ["100.64.0.2/32"] };
const clock: EventBody = { type: "clock", agent: "tailscale", segment: 0, offsetNs: 0, errorNs: 0 };

test("nothing seen is unknown", () => {
  for (const id of ["direct", "stranger", "derp", "control-gone", "key-expired"])
    expect(judgeOf(`access/tailnet-${id}`, []).verdict, id).toBe("unknown");
});

const answer = (more: object = {}) =>
  seen("answer", "GET https://ingress.tailnet.internal/", "http", {
    vantage: "tailscale",
    source: "100.64.0.2:4000",
    peer: "100.64.0.1:443",
    resolved: { server: "100.100.100.100:53", name: "ingress.tailnet.internal.", answers: ["100.64.0.1"] },
    tls: { version: "1.3", serverName: "ingress.tailnet.internal" },
    response: { status: 404, bytes: 19 },
    ...more,
  });
const ingress = told("ingress", { name: "ingress.tailnet.internal", address: "100.64.0.1" });
const path = (label: string, kind: string, via = "10.1.2.2:41641") => told(label, { kind, via });
const judgeDirect = (...inside: EventBody[]) => judgeOf("access/tailnet-direct", [ingress, ...inside], { before: [place] });

test("the last answer, over TLS, at the ingress's address and from the client's own, on a direct path", () => {
  const first = broken("answer", "x", { kind: "dns", message: "no such name" });
  expect(judgeDirect(first, answer(), path("path", "derp"), path("path", "direct")).verdict).toBe("pass");
});
test.each([
  ["no answer", [broken("answer", "x", silence), path("path", "direct")], "no answer of ingress.tailnet.internal"],
  ["another address", [answer({ peer: "10.1.2.2:443" }), path("path", "direct")], "the other end is"],
  ["another source", [answer({ source: "10.1.2.9:5" }), path("path", "direct")], "the client's end is"],
  ["through the relay", [answer(), path("path", "derp", "DERP(run)")], "path is direct (met derp, DERP(run))"],
])("%s fails", (_, inside, reason) => {
  expect(judgeDirect(...inside)).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
});

const alive = [
  told("stranger", { state: "Running", addresses: [], expired: false }),
  told("echo", { answered: true, words: "pong" }),
];
const port = (error?: SampleError) => {
  const at = "100.64.0.1:443";
  return error ? broken("port", at, error, "tcp") : seen("port", at, "tcp", { peer: at });
};
const judgeStranger = (...inside: EventBody[]) => judgeOf("access/tailnet-stranger", inside);

test("a stranger whose echo is answered and whose connections are not", () => {
  expect(judgeStranger(...alive, port(silence)).verdict).toBe("pass");
  expect(judgeStranger(...alive, port())).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("open to the stranger"),
  });
  expect(judgeStranger(...alive, port({ kind: "connect-refused", message: "refused" })).verdict).toBe("fail");
});
test("a stranger who is out, or whose tunnel carries nothing, proves nothing", () => {
  const out = told("stranger", { state: "NeedsLogin", addresses: [], expired: false });
  expect(judgeStranger(out, alive[1] as EventBody, port(silence)).verdict).toBe("unknown");
  expect(judgeStranger(alive[0] as EventBody, told("echo", { answered: false, words: "timed out" }), port(silence)).verdict).toBe(
    "unknown",
  );
});

const step = (fault: string, step: "intent" | "applied" | "effect-seen" | "removed" | "heal-seen"): EventBody => ({
  type: "fault",
  observation: "",
  fault: `tailnet/${fault}`,
  step,
  detail: {},
});
const life = (fault: string) =>
  (["intent", "applied", "effect-seen", "removed", "heal-seen"] as const).map((one) => step(fault, one));
const look = (label: string, good: boolean, atMs = 0): EventBody => {
  const times = { due: atMs * 1e6, sent: atMs * 1e6, done: (atMs + 5) * 1e6, phases: {} };
  const sample: Sample = good
    ? { probe: "http", ...times, response: { status: 404, bytes: 19 } }
    : { probe: "http", ...times, error: silence };
  return { type: "sample", observation: "", label, vantage: "tailscale", probe: "http", target: "x", sample };
};

/** Seven events come before the cut's "applied", a second apart on every clock. */
const appliedMs = 7000;
const judgeDerp = (untilMs: number, during = path("path while cut", "derp", "DERP(run)")) =>
  judgeOf(
    "access/tailnet-derp",
    [
      ...life("direct-path-cut"),
      ...Array.from({ length: 100 }, (_, index) => index * 200 + appliedMs - 1000).map((at) =>
        look("through the cut", at < appliedMs || at >= untilMs, at),
      ),
      during,
      path("path after the cut", "direct"),
    ],
    { before: [clock] },
  );

test("the cut path is replaced by the relay in time, and comes back", () => {
  expect(judgeDerp(appliedMs + 6600)).toMatchObject({ verdict: "pass", reason: expect.stringContaining("recovered after") });
  expect(judgeDerp(appliedMs + 12_000).verdict).toBe("fail");
  expect(judgeDerp(appliedMs + 60_000).verdict).toBe("fail");
  expect(judgeDerp(appliedMs + 6600, path("path while cut", "direct")).verdict).toBe("fail");
});

const judgeControl = (...goods: boolean[]) =>
  judgeOf("access/tailnet-control-gone", [...life("control-gone"), ...goods.map((good) => look("without control", good))]);

test("every answer without the control server counts", () => {
  expect(judgeControl(true, true, true).verdict).toBe("pass");
  expect(judgeControl(true, false, true)).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("2 of 3 answered; first met connect-timeout"),
  });
  expect(judgeControl().verdict).toBe("unknown");
});

const attempt = (key: string, listed: boolean) => ({
  key,
  code: listed ? 0 : 1,
  words: listed ? "" : "authkey already used",
  listed,
});
const refused = [attempt("fresh", true), attempt("expired", false), attempt("used", false)];
const judgeExpired = (options: { during?: boolean; after?: boolean; newcomers?: object[] }) =>
  judgeOf("access/tailnet-key-expired", [
    ...life("key-expired"),
    look("while expired", options.during ?? false),
    look("after the new login", options.after ?? true),
    told("newcomers", options.newcomers ?? refused),
  ]);

test("cut off while expired, back after the login, and no bad key lets anybody in", () => {
  expect(judgeExpired({}).verdict).toBe("pass");
  expect(judgeExpired({ during: true })).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("0 of 1 not answered"),
  });
  expect(judgeExpired({ after: false }).verdict).toBe("fail");
  expect(judgeExpired({ newcomers: [attempt("fresh", true), attempt("used", true)] })).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("a newcomer with a key that is used: was let in"),
  });
  expect(judgeExpired({ newcomers: [attempt("fresh", false), attempt("used", false)] }).verdict).toBe("unknown");
});
