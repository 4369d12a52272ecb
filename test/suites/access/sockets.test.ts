import { beforeAll, describe, expect, it } from "vitest";
import type { Destination } from "../../../src/engine/sockets/counted.ts";
import type { RunnerSockets } from "../../../src/engine/sockets/runner.ts";
import type { AllowedNetworks, WatchedPlace } from "../../../src/engine/sockets/watch.ts";
import type { EventBody } from "../../../src/history/events.ts";
import type { Sample } from "../../../src/history/sample.ts";
import { loadSuites } from "../../../suites/index.ts";
import { judged, saw } from "../judged.ts";

beforeAll(loadSuites);

const id = "access/sockets";
const { fact, sample } = saw(id);

const networks: AllowedNetworks = {
  run: [
    { name: "sr-x-public", subnet: "10.200.1.0/24" },
    { name: "sr-x-parties", subnet: "10.200.2.0/24" },
  ],
  inner: [
    { name: "docker_gwbridge", subnet: "172.18.0.0/16" },
    { name: "traefik-ingress", subnet: "10.0.1.0/24" },
  ],
  more: [],
};
const to = (address: string, more: Partial<Destination> = {}): Destination => ({
  address,
  protocol: "tcp",
  port: 443,
  packets: 3,
  from: ["10.200.1.9"],
  ...more,
});
const place = (name: string, own: Destination[], passing: Destination[] = [], more: object = {}): WatchedPlace => ({
  place: name,
  kind: name === "node1" ? "node" : "vantage",
  startedAt: "2026-11-22T01:00:00Z",
  watched: true,
  means: "counts",
  own,
  passing,
  wayOut: false,
  ...more,
});
const runner: RunnerSockets = {
  since: "2026-11-22T01:00:00Z",
  means: "channel",
  destinations: [
    { address: "/var/run/docker.sock", attempts: 40 },
    { address: "127.0.0.1", port: 40123, attempts: 9 },
  ],
  names: ["localhost"],
};
const good = [
  place("node1", [to("10.200.1.5"), to("10.0.1.7")], [to("10.200.2.3")]),
  place("vantage-public", [to("10.200.1.2")]),
];

function judge(over: { networks?: AllowedNetworks; places?: WatchedPlace[]; runner?: RunnerSockets; more?: EventBody[] } = {}) {
  return judged(id, [
    ...(over.more ?? []),
    fact("networks", over.networks ?? networks),
    ...(over.places ?? good).map((one) => fact("place", one)),
    fact("runner", over.runner ?? runner),
  ]);
}

describe(id, () => {
  it("passes on loopback, the run's networks, the node's own for the node, and what stays on a link", () => {
    const places = [
      place("node1", [to("127.0.0.1"), to("172.18.0.4"), to("224.0.0.22", { protocol: "igmp" })], [to("10.0.1.3")]),
      place("dns", [to("255.255.255.255"), to("ff02::16"), to("fe80::1")]),
    ];
    expect(judge({ places })).toMatchObject({
      verdict: "pass",
      reason: expect.stringContaining("7 destinations in 2 namespaces"),
    });
  });

  it("fails on one foreign destination, and names place, destination and count", () => {
    const places = [...good, place("vantage-public", [to("192.0.2.1"), to("192.0.2.2", { port: 80, packets: 1 })])];
    expect(judge({ places })).toMatchObject({
      verdict: "fail",
      reason: "vantage-public addressed 192.0.2.1, tcp port 443, 3 packets (and 1 more)",
      observed: expect.stringContaining("192.0.2.2, tcp port 80, 1 packet"),
    });
  });

  it("does not take the node's inner networks for everyone's", () => {
    const places = [place("vantage-public", [to("172.18.0.1")])];
    expect(judge({ places }).verdict).toBe("fail");
    expect(judge({ places: [place("node1", [to("172.18.0.1")])] }).verdict).toBe("pass");
    expect(judge({ places: [place("vantage-tailscale", [to("172.18.0.1")], [], { toldInner: true })] }).verdict).toBe("pass");
  });

  it("takes further networks for the run's own only where the run was told so", () => {
    const places = [place("vantage-public", [to("100.64.0.7")])];
    expect(judge({ places }).verdict).toBe("fail");
    expect(judge({ places, networks: { ...networks, more: ["100.64.0.0/10"] } }).verdict).toBe("pass");
  });

  it("makes a finding of a service that asks for the Internet in vain, and a failure when its node has a way out", () => {
    const passing = [to("192.0.2.53", { protocol: "udp", port: 53, packets: 2, from: ["172.18.0.7", "172.18.0.9"] })];
    const tasks = { "172.18.0.7": "prod-web" };
    const closed = judge({ places: [place("node1", [], passing, { tasks })] });
    expect(closed.verdict).toBe("pass");
    expect(closed.findings).toMatchObject([
      {
        rule: "access/reaches-out",
        place: "prod-web, a task at 172.18.0.9, gone since",
        what: expect.stringContaining("192.0.2.53, udp port 53, 2 packets"),
      },
    ]);
    const open = judge({ places: [place("node1", [], passing, { tasks, wayOut: true })] });
    expect(open).toMatchObject({ verdict: "fail", reason: expect.stringContaining("through node1, which has a way out") });
  });

  it("holds the runner to it, but for the engine that the run was given", () => {
    const foreign = { ...runner, destinations: [{ address: "192.0.2.9", port: 2376, attempts: 4 }] };
    expect(judge({ runner: foreign })).toMatchObject({
      verdict: "fail",
      reason: "the runner connected to 192.0.2.9, port 2376, 4 attempts",
    });
    expect(judge({ runner: { ...foreign, engine: "192.0.2.9" } }).verdict).toBe("pass");
    expect(judge({ runner: { ...runner, names: ["registry.example"] } })).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("registry.example"),
    });
  });

  it("holds every sample of the run to it: its peer, the addresses tried before, and who was asked for the name", () => {
    const probe = (more: Partial<Sample<"tcp">>): EventBody =>
      sample("asks", { probe: "tcp", due: 0, sent: 0, done: 1, phases: {}, ...more });
    const answered = (server: string) => ({ server, name: "web.example", answers: ["10.200.1.2"] });
    const fine = probe({ peer: "10.200.1.2:443", resolved: answered("10.200.1.4:53") });
    for (const server of ["/etc/hosts", "RFC 6761"])
      expect(judge({ more: [fine, probe({ resolved: answered(server) })] }).verdict).toBe("pass");
    expect(judge({ more: [probe({ peer: "/var/run/docker.sock" })] }).verdict).toBe("pass");
    for (const more of [
      { peer: "192.0.2.1:443" },
      { peer: "[2001:db8::1]:443" },
      { peer: "10.200.1.2:443", resolved: answered("192.0.2.53:53") },
      {
        peer: "10.200.1.2:443",
        resolved: {
          ...answered("10.200.1.4:53"),
          failed: [{ peer: "192.0.2.1:443", kind: "connect-timeout" as const, message: "" }],
        },
      },
    ])
      expect(judge({ more: [fine, probe(more)] })).toMatchObject({
        verdict: "fail",
        reason: expect.stringContaining("access/sockets from public"),
      });
  });

  it("is unknown where a place could not be watched, and when nothing was", () => {
    const blind: WatchedPlace = {
      place: "s3",
      kind: "party",
      startedAt: "",
      watched: false,
      why: "nft: Operation not permitted",
    };
    expect(judge({ places: [...good, blind] })).toMatchObject({
      verdict: "unknown",
      reason: "s3 was not watched: nft: Operation not permitted",
    });
    expect(judge({ places: [place("vantage-public", [to("192.0.2.1")]), blind] }).verdict).toBe("fail");
    expect(judge({ places: [] })).toMatchObject({ verdict: "unknown", reason: "no network namespace was watched" });
    expect(judge({ networks: { run: [], inner: [], more: [] } }).verdict).toBe("unknown");
    expect(judged(id, [])).toMatchObject({ verdict: "unknown", reason: expect.stringContaining("networks") });
  });
});
