import { BlockList } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { check, checks } from "../../src/check/check.ts";
import { judgeHistory } from "../../src/check/judge.ts";
import { kindLabel } from "../../src/engine/labels.ts";
import { Observer } from "../../src/experiment/observe.ts";
import type { EventOf, HistoryEvent } from "../../src/history/events.ts";
import { readHistory } from "../../src/history/reader.ts";
import { observation } from "../../src/probe/observation.ts";
import type { Replica } from "../../src/replica/up.ts";
import { plannedServices } from "../../src/substitute/plan.ts";
import { type Start, startReplica } from "./a-replica.ts";

// One replica serves the file: layer 1, whose socket proxy ends as soon as it is started.
const broken = "traefik-socket-sock-proxy";
let start: Start;
let replica: Replica;
let events: HistoryEvent[];

const sources = observation("test/sources", {
  tier: "layer1",
  needs: ["traefik", "vault"],
  effect: "observe",
  async collect({ target, from }) {
    const host = target.domain;
    await from.public.http("public", { url: `http://vault.${host}/` });
    await from.localhost.tcp("localhost", { host: "127.0.0.1", port: 80 });
    const inside = await from.inside("traefik");
    await inside.tcp("inside", { host: "vault", port: 8200 });
  },
});
const proxy = observation("test/proxy", {
  tier: "layer1",
  needs: ["socket-proxy"],
  effect: "observe",
  async collect() {
    throw new Error("nothing is observed of what did not come up");
  },
});
check("test/answers", sources, { title: "the entry point answers", service: "traefik" }, (seen) => ({
  verdict: seen.sample("public").sample.response ? "pass" : "fail",
  reason: "status",
}));
check("test/proxy", proxy, { title: "the proxy answers", service: broken }, () => ({ verdict: "pass", reason: "never asked" }));

beforeAll(async () => {
  start = await startReplica({
    upTo: "layer1",
    tierWithinMs: 30_000,
    change(candidate) {
      const service = candidate.services.find((one) => one.name === broken);
      if (service) service.command = ["sh", "-c", "echo broken on purpose >&2; exit 7"];
    },
  });
  replica = await start.replica;
  const observer = new Observer(replica, start.history, new AbortController().signal, (name, value) => {
    start.redactor.add(name, value);
  });
  await observer.together([sources, proxy]);
  await start.history.flush();
  events = readHistory(start.history.folder).events;
});
afterAll(async () => {
  const removal = await start?.down();
  expect(removal?.left).toEqual([]);
});

describe("on the user's Docker", () => {
  it("are nodes, vantages and parties only, and it is in no swarm", async () => {
    const { containers } = await start.existing();
    const kinds = containers.map((one) => one.Labels[kindLabel]).sort();
    expect(kinds).toEqual(["node", "party", "party", "party", "party", "vantage", "vantage"]);
    expect((await start.docker.info()).Swarm.LocalNodeState).toBe("inactive");
    // The candidate's services run, but only the node's own daemon knows them.
    const inside = await replica.node.daemon.listContainers();
    expect(inside.length).toBeGreaterThanOrEqual(3);
    const outer = new Set((await start.docker.listContainers({ all: true })).map((one) => one.Id));
    expect(inside.filter((one) => outer.has(one.Id))).toEqual([]);
  });

  it("only the node holds capabilities and mounts of the machine, and every port is on loopback", async () => {
    const { containers } = await start.existing();
    for (const { Id, Labels } of containers) {
      const { HostConfig, NetworkSettings } = await start.docker.getContainer(Id).inspect();
      const ports = Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) => bindings ?? []);
      expect(ports.filter((port) => port.HostIp !== "127.0.0.1")).toEqual([]);
      if (Labels[kindLabel] === "node") continue;
      expect({ kind: Labels[kindLabel], ports, privileged: HostConfig.Privileged }).toMatchObject({
        ports: [],
        privileged: false,
      });
      expect([HostConfig.CapAdd ?? [], HostConfig.Binds ?? [], HostConfig.NetworkMode === "host"]).toEqual([[], [], false]);
    }
  });

  it("networks with outside places and parties have no way out", async () => {
    const { networks } = await start.existing();
    const open = networks.filter((network) => !network.Internal).map((network) => network.Name);
    expect(open).toEqual([`sr-${start.runId}-management`]);
  });
});

it("each probe comes from its vantage's own network", async () => {
  const seen = events.filter((event) => event.type === "sample" && event.observation === "test/sources") as EventOf<"sample">[];
  expect(seen.map((event) => event.label)).toEqual(["public", "localhost", "inside"]);
  const task = await replica.swarm.running("traefik");
  const within = (source: string | undefined, subnets: string[]) => {
    const list = new BlockList();
    for (const subnet of subnets) list.addSubnet(subnet.split("/")[0] ?? "", Number(subnet.split("/")[1]));
    return source !== undefined && list.check(source.replace(/:\d+$/, ""));
  };
  for (const { label, sample } of seen) {
    const subnets =
      label === "inside"
        ? [...(task?.addresses.values() ?? [])].map((address) => `${address}/32`)
        : (replica.vantages.get(label)?.subnets ?? []);
    expect({ label, source: sample.source, subnets, within: within(sample.source, subnets) }).toMatchObject({ within: true });
  }
  // The three are told apart: none lies in another's network.
  const outside = seen.find((event) => event.label === "public")?.sample.source;
  expect(within(outside, ["127.0.0.0/8"])).toBe(false);
});

describe("a service that does not come up", () => {
  it("is reported with state, exit code, restarts, condition, value met and last lines", () => {
    const event = events.find((one) => one.type === "service" && one.service === broken && one.state === "not-ready");
    expect(event).toMatchObject({
      tier: "layer1",
      trouble: {
        exitCode: 7,
        condition: "GET :2375/_ping answers 200",
        met: expect.stringMatching(/^no running task \(\w+\)$/),
        state: expect.stringMatching(/^(ready|starting|failed|preparing|assigned|accepted|running)$/),
      },
    });
    const { trouble } = event as EventOf<"service">;
    expect(trouble?.restarts).toBeGreaterThanOrEqual(1);
    expect(trouble?.log.join("\n")).toContain("broken on purpose");
  });

  it("fails, takes what needs it to unknown by its name, and everything else is still judged", () => {
    const planned: HistoryEvent[] = [
      {
        seq: 0,
        t: 0,
        at: new Date(0).toISOString(),
        type: "planned",
        services: plannedServices(start.plan).filter((service) => service.tier === "layer1"),
        checks: [
          {
            id: "test/answers",
            observation: "test/sources",
            tier: "layer1",
            service: "traefik",
            effect: "observe",
            needs: ["traefik"],
            speaksOf: [],
          },
          {
            id: "test/proxy",
            observation: "test/proxy",
            tier: "layer1",
            service: broken,
            effect: "observe",
            needs: [broken],
            speaksOf: [],
          },
        ],
        substitutions: [],
        findings: [],
        objectives: [],
        baseline: [],
        notApplicable: [],
      },
      ...events.map((event) => ({ ...event, seq: event.seq + 1 })),
    ];
    const verdict = judgeHistory(planned, checks(), { sideFile: () => [] });
    const of = (id: string) => verdict.checks.find((one) => one.id === id);
    expect(verdict.verdict).toBe("fail");
    expect(verdict.cause).toMatch(new RegExp(`^${broken} did not come up: .*_ping answers 200.*exit code 7`));
    expect(of(`up/${broken}`)).toMatchObject({ verdict: "fail" });
    expect(of("test/proxy")).toMatchObject({ verdict: "unknown", reason: expect.stringContaining(broken) });
    for (const service of ["traefik", "traefik-fa-service", "vault"])
      expect(of(`up/${service}`)).toMatchObject({ verdict: "pass" });
    expect(of("test/answers")).toMatchObject({ verdict: "pass" });
  });
});
