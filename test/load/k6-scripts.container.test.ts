import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer } from "testcontainers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provideImages } from "../../src/engine/images/index.ts";
import type { K6Run, K6Script } from "../../src/history/k6.ts";
import { type K6Load, runK6 } from "../../src/load/k6.ts";
import { k6Conclusion, kneeOf } from "../../src/load/k6-summary.ts";
import { disposeOf, type Parties, startParties, valuesFor } from "../apps/parties.ts";
import { freePort, StandInProcess, until } from "../apps/stand-in.ts";

const labels = { "sprocket-resilience.test": "k6" };
/** Stand-ins run on this machine's own loopback; k6 stands there too, in the namespace of a container that does nothing. */
let place: StartedTestContainer;
let image: string;
let parties: Parties;
let standIns: Record<"core" | "matchmaking" | "submission" | "notification" | "web" | "forward-auth", StandInProcess>;
const servers: Server[] = [];

beforeAll(async () => {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const [k6] = await provideImages(dockerode, ["k6"], { policy: "auto", onProgress: () => undefined });
  if (k6 === undefined) throw new Error("the catalogue has no image k6");
  image = k6.tag;
  [place, parties] = await Promise.all([
    new GenericContainer(image)
      .withEntrypoint(["sleep"])
      .withCommand(["infinity"])
      .withNetworkMode("host")
      .withLabels(labels)
      .start(),
    startParties(),
  ]);
  const values = valuesFor(parties);
  const core = await StandInProcess.prepare("core", { values });
  const plain = (text: string) =>
    text.replace("api.sprocket.test", `127.0.0.1:${core.port}`).replace('"secure": true', '"secure": false');
  standIns = {
    core,
    matchmaking: await StandInProcess.prepare("matchmaking", { values }),
    submission: await StandInProcess.prepare("submission", { values }),
    notification: await StandInProcess.prepare("notification", { values }),
    web: await StandInProcess.prepare("web", { values, config: plain }),
    "forward-auth": await StandInProcess.prepare("forward-auth", { values }),
  };
  await Promise.all(Object.values(standIns).map((standIn) => standIn.ready()));
  await until("the API reaches the services behind the broker", async () => {
    const { errors } = await core.graphql(
      `mutation { createScrim(playerId: "1") { id } notify(userId: "1", message: "m") { id } }`,
    );
    return errors === undefined;
  });
});

afterAll(async () => {
  for (const server of servers) server.close().closeAllConnections();
  await Promise.all(Object.values(standIns ?? {}).map((standIn) => standIn.dispose()));
  await place?.stop();
  if (parties !== undefined) await disposeOf(parties);
});

let serial = 0;
async function load(script: K6Script, more: Partial<K6Load> = {}): Promise<K6Run> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  return runK6(
    dockerode,
    {
      image,
      besideContainer: place.getId(),
      name: `sprocket-resilience-test-k6-${process.pid}-${++serial}`,
      labels,
      signal: AbortSignal.timeout(120_000),
    },
    {
      script,
      apiUrl: standIns.core.url("/graphql"),
      webUrl: standIns.web.url(""),
      ratePerSecond: 10,
      durationSeconds: 5,
      hosts: {},
      authority: "",
      thresholds: true,
      settings: {
        GATEKEEPER_URL: standIns["forward-auth"].url(""),
        ...(script === "ramp" ? { MAX_RATE: "1200", STEPS: "2" } : {}),
      },
      ...more,
    },
  );
}

/** How quick a machine with others at work is, is no matter here. */
const ofTimes = (metric: string) => metric.startsWith("http_req_duration");

// Side by side: each takes its seconds, and none is held to its times.
describe.concurrent("every script of load/, run by k6 itself", () => {
  it.for<K6Script>(["steady", "ten-times", "ramp", "soak", "login", "graphql-mix", "scrim", "web"])(
    "%s is answered by the stand-ins, and sees a sample of all that it has a threshold for",
    async (script, { expect }) => {
      const { exit, summary } = await load(script);
      expect([0, 99]).toContain(exit.code);
      expect(summary.requests).toBeGreaterThan(0);
      expect(summary).toMatchObject({ failed: 0, dropped: 0, checks: { failed: 0 } });
      expect(summary.checks.passed).toBeGreaterThan(0);
      expect(summary.thresholds.filter(({ met }) => met === "no-samples")).toEqual([]);
      expect(summary.thresholds.filter(({ met, metric }) => met === "crossed" && !ofTimes(metric))).toEqual([]);
    },
  );
});

describe("ways of ending with 0 for nothing", () => {
  /** Answers every question in the same way. */
  const serving = async (body: string, answer: (end: () => void) => void = (end) => end()): Promise<string> => {
    const server = createServer((request, response) => {
      request.resume();
      answer(() => response.end(body));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
  };
  const crossed = ({ summary }: K6Run) => summary.thresholds.filter(({ met }) => met === "crossed").map(({ metric }) => metric);

  it("GraphQL's errors in a 200 are no good answers", async () => {
    const run = await load("steady", { apiUrl: await serving('{"data":{"__typename":null},"errors":[{"message":"no"}]}') });
    expect(crossed(run)).toEqual(expect.arrayContaining(["checks", "whole"]));
    expect(run.summary.failed).toBe(0);
    expect(k6Conclusion(run.exit, run.summary).objectives).toBe("missed");
  });

  it("nobody there is no quick answer", async () => {
    const run = await load("scrim", { apiUrl: `http://127.0.0.1:${await freePort()}/graphql` });
    expect(crossed(run)).toEqual(expect.arrayContaining(["checks", "whole", "http_req_failed", "http_reqs{step:join}"]));
    expect(run.summary.latencyMs).toBeUndefined();
    expect(k6Conclusion(run.exit, run.summary).objectives).toBe("missed");
  });

  it("a rate that was not kept is not held against the objective as if it were", async () => {
    const run = await load("steady", {
      ratePerSecond: 50,
      apiUrl: await serving('{"data":{"__typename":"Query"}}', (end) => setTimeout(end, 2000)),
      settings: { VUS: "2", MAX_VUS: "2" },
    });
    expect(run.summary.dropped).toBeGreaterThan(0);
    expect(crossed(run)).toContain("dropped_iterations");
    expect(k6Conclusion(run.exit, run.summary).objectives).toBe("missed");
  });

  it("a ramp finds the knee of a server that serves fifty a second", async () => {
    let freeAt = 0;
    const queue = (end: () => void) => {
      freeAt = Math.max(freeAt, performance.now()) + 20;
      setTimeout(end, freeAt - performance.now());
    };
    const run = await load("ramp", {
      apiUrl: await serving('{"data":{"__typename":"Query"}}', queue),
      durationSeconds: 3,
      settings: { MAX_RATE: "4800", STEPS: "4" },
    });
    expect(kneeOf(run.summary)).toEqual({ heldRate: 2400, crossedRate: 4800 });
    expect(k6Conclusion(run.exit, run.summary).objectives).toBe("missed");
  });
});
