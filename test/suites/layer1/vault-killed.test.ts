import { describe, expect, test } from "vitest";
import "../../../suites/layer1/vault-killed.ts";
import type { EventBody, Objective } from "../../../src/history/events.ts";
import type { Sample } from "../../../src/history/sample.ts";
import { sampleOf } from "../../check/a-history.ts";
import { http, judgeOf, told } from "./judge.ts";

const objectives: Objective[] = [{ id: "vault-recovery", subject: "Vault", unit: "s", limit: 60, source: "a document" }];
const file = (sha256 = "00", mtimeMs = 1) => ({ lines: 5, sha256, mtimeMs });
const keys = (more: object = {}) => ({
  keys: file(),
  root: file(),
  tasks: [{ task: "a", lines: 1, initialisations: 1, keysShown: [], tokenShown: [] }],
  ...more,
});
const health = (label: string, cluster: string, status = 200) =>
  http(label, "GET http://vault.example.test/", status, {}, JSON.stringify({ cluster_id: cluster }));
const running = (id: string) => ({ id, state: "running" });
const dead = (id: string) => ({ id, state: "failed", exitCode: 137, error: "task: non-zero exit (137)" });

interface Story {
  /** Seconds after the fault until sys/health is 200 again; never by default. */
  backAfter?: number;
  cluster?: string;
  keysAfter?: object;
  tasksAfter?: object[];
  read?: { status: number; value: string };
  words?: string[];
}

/** One look a second, from a minute before the fault; the clock of the agent is the runner's. */
function judge(id: string, story: Story) {
  const name = id.endsWith("server-recovers") ? "kill-process" : "kill-task";
  const step = (step: "intent" | "applied" | "effect-seen" | "removed"): EventBody => ({
    type: "fault",
    observation: "",
    fault: name,
    step,
    detail: {},
  });
  const { backAfter = Number.POSITIVE_INFINITY, cluster = "one", tasksAfter = [running("b"), dead("a")] } = story;
  const before: EventBody[] = [{ type: "clock", agent: "public", segment: 0, offsetNs: 0, errorNs: 1000 }];
  const inside: EventBody[] = [
    told("value", "v"),
    told("keys before", keys()),
    health("health before", "one"),
    told("tasks before", [running("a")]),
    step("intent"),
    step("applied"),
    step("effect-seen"),
    step("removed"),
    {
      type: "samples",
      observation: "",
      label: "health",
      vantage: "public",
      probe: "http",
      target: "GET",
      file: "f",
      count: 200,
      sha256: "",
    },
    told("tasks after", tasksAfter),
    told("killed task", "a"),
    health("health after", cluster, Number.isFinite(backAfter) ? 200 : 503),
    told("keys after", keys(story.keysAfter)),
    ...(story.read
      ? [http("read after", "GET", story.read.status, {}, JSON.stringify({ data: { data: { value: story.read.value } } }))]
      : []),
    ...(story.words ? [told("last words", story.words)] : []),
  ];
  // The history's events are a second apart: where `applied` stands in it is when the fault was.
  const needs = 2;
  const faultAt =
    (2 + needs * 2 + before.length + 1 + inside.findIndex((event) => event.type === "fault" && event.step === "applied")) * 1000;
  const dense: Sample[] = Array.from({ length: 200 }, (_, i) => {
    const at = faultAt - 5000 + i * 1000;
    const bad = at >= faultAt && at < faultAt + backAfter * 1000;
    return sampleOf({ dueMs: at, status: bad ? 503 : 200 });
  });
  return judgeOf(id, inside, { before, objectives, dense });
}

const good: Story = { backAfter: 20, read: { status: 200, value: "v" } };

describe.each(["layer1/vault-recovers", "layer1/vault-server-recovers"])("%s", (id) => {
  test("passes when clients are served within the promise", () => {
    expect(judge(id, good)).toMatchObject({ verdict: "pass", reason: expect.stringContaining("recovered after 20") });
  });
  test("fails when it takes longer", () => {
    expect(judge(id, { ...good, backAfter: 80 })).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("promised at most 60 s"),
    });
  });
  test("fails when it never comes, and says what the tasks said", () => {
    const story = {
      tasksAfter: [running("d"), { ...dead("c"), exitCode: 1, error: "non-zero exit (1)" }, dead("a")],
      words: ["Failed to initialise Vault: already initialized"],
    };
    expect(judge(id, story)).toMatchObject({
      verdict: "fail",
      reason: expect.stringMatching(/never recovered.*sys\/health answers 503.*exit code 1.*already initialized/),
    });
  });
  test("is unknown of nothing", () => {
    expect(judgeOf(id, [], { objectives }).verdict).toBe("unknown");
  });
});

describe("layer1/vault-restarted-once", () => {
  const id = "layer1/vault-restarted-once";
  test("passes on one new task that runs", () => {
    expect(judge(id, good).verdict).toBe("pass");
  });
  test.each([
    [[dead("a")], "Swarm made no new task"],
    [[running("c"), dead("b"), dead("a")], "Swarm started Vault 2 times"],
    [[{ id: "b", state: "preparing" }, dead("a")], "the new task is preparing"],
    [[running("b"), running("a")], "the killed task is still said to run"],
  ])("fails otherwise", (tasksAfter, reason) => {
    expect(judge(id, { ...good, tasksAfter })).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("is unknown of nothing", () => {
    expect(judgeOf(id, [], { objectives }).verdict).toBe("unknown");
  });
});

describe.each(["layer1/vault-same", "layer1/vault-server-recovers"])("the same Vault, by %s", (id) => {
  test("passes with cluster, key files and one initialisation", () => {
    expect(judge(id, good).verdict).toBe("pass");
  });
  test.each([
    [{ cluster: "two" }, "cluster id is one as before (met two)"],
    [{ keysAfter: { keys: file("11", 2) } }, "unseal_tokens.txt: written anew after the fault"],
    [{ keysAfter: { root: file("00", 2) } }, "root_token.txt: written anew"],
    [{ keysAfter: { keys: undefined } }, "unseal_tokens.txt: gone after the fault"],
    [{ keysAfter: { tasks: [{ initialisations: 1 }, { initialisations: 1 }] } }, "count is 1 (met 2)"],
  ])("fails on another", (story, reason) => {
    expect(judge(id, { ...good, ...story })).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("is unknown of nothing", () => {
    expect(judgeOf(id, [], { objectives }).verdict).toBe("unknown");
  });
});

describe.each(["layer1/vault-secret-survives", "layer1/vault-server-recovers"])("the secret, by %s", (id) => {
  test("passes when it is there", () => {
    expect(judge(id, good).verdict).toBe("pass");
  });
  test.each([
    [{ read: { status: 403, value: "" } }, "status is 200 (met 403)"],
    [{ read: { status: 200, value: "w" } }, "the secret is v (met w)"],
  ])("fails when it is not", (story, reason) => {
    expect(judge(id, { ...good, ...story } as Story)).toMatchObject({ verdict: "fail", reason: expect.stringContaining(reason) });
  });
  test("is unknown of nothing, and when nobody could read", () => {
    expect(judgeOf(id, [], { objectives }).verdict).toBe("unknown");
    expect(judge(id, { backAfter: 20 }).verdict).toBe("unknown");
  });
});
