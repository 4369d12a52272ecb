import { expect, test } from "vitest";
import "../../../suites/layer1/ports.ts";
import { broken, http, judgeOf, seen } from "./judge.ts";

const id = "layer1/ports";
const open = seen("open", "example.test:443", "tcp", { peer: "10.0.0.2:443" });
const shut = broken("inner", "example.test:8080", { kind: "connect-refused", message: "refused" }, "tcp");
const api = (status: number) => http("api", "GET http://traefik:8080/api/http/routers", status);

test("80 and 443 are open, nothing else; Traefik's API being open inside is a finding", () => {
  expect(judgeOf(id, [open, shut, api(200)])).toMatchObject({ verdict: "pass", findings: ["traefik/api-open-inside"] });
  expect(judgeOf(id, [open, shut, api(404)])).toMatchObject({ verdict: "pass", findings: [] });
});
test("an inner port that is open fails, and so does an entry point that is shut", () => {
  const inner = seen("inner", "example.test:8080", "tcp", { peer: "10.0.0.2:8080" });
  expect(judgeOf(id, [open, shut, inner, api(200)])).toMatchObject({
    verdict: "fail",
    reason: "port 8080: open to the public at 10.0.0.2:8080",
  });
  const entry = broken("open", "example.test:443", { kind: "connect-refused", message: "refused" }, "tcp");
  expect(judgeOf(id, [open, entry, shut, api(200)])).toMatchObject({
    verdict: "fail",
    reason: expect.stringContaining("port 443: not open"),
  });
});
test("nothing seen is unknown", () => {
  expect(judgeOf(id, []).verdict).toBe("unknown");
});
