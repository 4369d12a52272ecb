import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { VerdictDocument } from "../../src/check/verdict.ts";
import { startCommand } from "./gate-process.ts";

// A stack file goes through the whole of a gate: read, substituted, brought up, judged by what only looks, taken down.
const stack = fileURLToPath(new URL("../../fixtures/candidates/tiny-stack/docker-stack.yml", import.meta.url));
let runs: string;
let verdict: VerdictDocument;

beforeAll(async () => {
  runs = await mkdtemp(join(tmpdir(), "sprocket-resilience-tiny-"));
  const only = "candidate/*,platform/web-login,layer1/socket-proxy*,layer1/certificates,layer2/redis-password";
  const started = startCommand(["gate", "--candidate", stack, "--only", only, "--runs-dir", runs, "--json"]);
  expect(await started.ended, started.err).toBe(0);
  verdict = JSON.parse(started.out);
});
afterAll(async () => await rm(runs, { recursive: true, force: true }));

it("every service of the stack file comes up, with the images that the catalogue has for them", () => {
  expect(verdict.services.map(({ name, state }) => [name, state]).sort()).toEqual(
    ["rabbitmq", "redis", "socket-proxy", "traefik", "web"].map((name) => [name, "ready"]),
  );
  expect(verdict.standIns).toEqual(["web"]);
});

it("is judged as its clients would judge it, and nothing that it does not have", () => {
  const of = (id: string) => verdict.checks.find((check) => check.id === id)?.verdict;
  expect(["candidate/routes-platform", "platform/web-login", "layer1/certificates", "layer2/redis-password"].map(of)).toEqual(
    Array(4).fill("pass"),
  );
  expect(of("candidate/routes-layer1")).toBe("not-applicable");
});

it("says where it was read from and what was changed for it", () => {
  expect(verdict.candidate).toMatchObject({ name: "tiny-stack", origin: { kind: "compose" } });
  const kinds = new Set(verdict.substitutions.map((one) => one.kind));
  expect([...kinds]).toEqual(expect.arrayContaining(["version", "stand-in", "secret", "host-resource", "published-port"]));
});
