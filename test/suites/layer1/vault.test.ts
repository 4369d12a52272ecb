import { describe, expect, test } from "vitest";
import "../../../suites/layer1/vault.ts";
import { broken, http, judgeOf, told } from "./judge.ts";

const json = (label: string, status: number, body: object) =>
  http(label, "GET http://vault.example.test/", status, {}, JSON.stringify(body));

describe("Vault's health", () => {
  const id = "layer1/vault-health";
  const health = { initialized: true, sealed: false, standby: false };
  const seal = { sealed: false, type: "shamir", n: 5, t: 3 };
  const all = (more: { code?: number; health?: object; seal?: object; init?: object } = {}) => [
    json("health", more.code ?? 200, { ...health, ...more.health }),
    http("health by HEAD", "HEAD http://vault.example.test/", more.code ?? 200),
    json("init", 200, { initialized: true, ...more.init }),
    json("seal", 200, { ...seal, ...more.seal }),
  ];
  test("is 200 of an unsealed server with five keys", () => {
    expect(judgeOf(id, all()).verdict).toBe("pass");
  });
  test.each([
    [all({ code: 503, health: { sealed: true } }), "sys/health: status is 200 (met 503)"],
    [all({ code: 501, health: { initialized: false } }), "sys/health: status is 200 (met 501)"],
    [all({ code: 429, health: { standby: true } }), "standby is false (met true)"],
    [all({ health: { sealed: true } }), "sys/health: sealed is false (met true)"],
    [all({ seal: { n: 1, t: 1 } }), "sys/seal: n is 5 (met 1)"],
  ])("is nothing else", (events, reason) => {
    expect(judgeOf(id, events)).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("is unknown when nobody asked", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});

describe("Vault's keys", () => {
  const id = "layer1/vault-initialised-once";
  const file = (lines: number) => ({ lines, sha256: "00", mtimeMs: 1 });
  const task = { task: "t", lines: 90, initialisations: 1, keysShown: [], tokenShown: [] };
  const facts = { keys: file(5), root: file(1), tasks: [task] };
  test("were made once and lie on the node", () => {
    expect(judgeOf(id, [told("keys", facts)])).toMatchObject({ verdict: "pass", findings: [] });
  });
  test("in a log are a finding", () => {
    const shown = { ...facts, tasks: [{ ...task, keysShown: [85, 86], tokenShown: [90] }] };
    expect(judgeOf(id, [told("keys", shown)])).toMatchObject({ verdict: "pass", findings: ["vault/keys-in-log"] });
  });
  test.each([
    [{ ...facts, tasks: [task, task] }, "times that Vault says it was initialised: count is 1 (met 2)"],
    [{ ...facts, tasks: [{ ...task, initialisations: 0 }] }, "count is 1 (met 0)"],
    [{ root: file(1), tasks: [task] }, "the node has no unseal_tokens.txt"],
    [{ keys: file(5), tasks: [task] }, "the node has no root_token.txt"],
    [{ ...facts, keys: file(3) }, "unseal_tokens.txt: keys is 5 (met 3)"],
  ])("are no other way", (changed, reason) => {
    expect(judgeOf(id, [told("keys", changed)])).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("are unknown when nobody looked", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});

describe("a secret", () => {
  const id = "layer1/vault-secret";
  const value = told("value", "v");
  const made = http("mount", "POST", 204);
  const write = json("write", 200, {});
  const read = (met: string) => json("read", 200, { data: { data: { value: met } } });
  const stranger = json("stranger", 403, { errors: ["permission denied"] });
  test("that was written is read back with the token only", () => {
    expect(judgeOf(id, [value, made, write, read("v"), stranger]).verdict).toBe("pass");
  });
  test("may go into a store that was there, and may be refused while it is made ready", () => {
    const there = json("mount", 400, { errors: ["path is already in use at sprocket-resilience/"] });
    expect(judgeOf(id, [value, there, json("write", 400, {}), write, read("v"), stranger]).verdict).toBe("pass");
  });
  test.each([
    [[made, write, read("w"), stranger], "the value read back is v (met w)"],
    [
      [json("mount", 500, { errors: ["storage gone"] }), write, read("v"), stranger],
      "making a kv store: status is one of 200, 204 (met 500): storage gone",
    ],
    [[made, json("write", 500, { errors: ["no storage"] }), read("v"), stranger], "writing: status is 200 (met 500): no storage"],
    [[made, write, json("read", 404, { errors: [] }), stranger], "reading: status is 200 (met 404)"],
    [[made, write, read("v"), json("stranger", 200, {})], "without a token: status is one of 400, 403 (met 200)"],
    [[made, write, read("v"), broken("stranger", "GET", { kind: "timeout", message: "late" })], "no answer: timeout"],
  ])("is lost or open otherwise", (events, reason) => {
    expect(judgeOf(id, [value, ...events])).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("is unknown when nothing was written", () => {
    expect(judgeOf(id, []).verdict).toBe("unknown");
  });
});
