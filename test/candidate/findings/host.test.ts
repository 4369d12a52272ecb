import { describe, expect, it } from "vitest";
import { aCandidate, aService, said } from "./a-candidate.ts";

const volume = (name: string, device: string) => ({ name, driver: "local", driverOpts: { type: "none", o: "bind", device } });
const uses = (name: string, source: string) =>
  aService(name, { mounts: [{ type: "volume", source, target: "/data", readOnly: false }] });
const binds = (source: string) =>
  aCandidate([aService("web", { mounts: [{ type: "bind", source, target: "/in", readOnly: false }] })]);

describe("placement-label", () => {
  const placed = (...constraints: string[]) => aCandidate([aService("loki", { placement: { constraints } })]);
  it("names the label that a task waits for", () => {
    expect(said("placement-label", placed("node.labels.role==storage", "node.role==manager"))).toEqual([
      "service:loki: loki runs only where `node.labels.role==storage`, a label that nothing in the definition gives a node.",
    ]);
  });
  it("says nothing of a label that must be absent, nor of what Swarm knows by itself", () => {
    expect(said("placement-label", placed("node.labels.role!=ingress", "node.role==manager", "node.hostname==a"))).toEqual([]);
  });
});

describe("bind-directory", () => {
  it("names a mount and a volume's device", () => {
    expect(said("bind-directory", binds("/opt/app/keys"))).toEqual([
      "service:web: web binds /opt/app/keys of its host at /in, and nothing in the definition creates it.",
    ]);
    expect(said("bind-directory", aCandidate([], { volumes: [volume("logs", "/mnt/disk/loki")] }))).toEqual([
      "volume:logs: Volume logs is /mnt/disk/loki of the host, and nothing in the definition creates it.",
    ]);
  });
  it.each(["/var/run/docker.sock", "/etc/localtime", "/proc", "/", "/sys/fs/cgroup/"])(
    "says nothing of %s, which a host has",
    (path) => {
      expect(said("bind-directory", binds(path))).toEqual([]);
    },
  );
  it("says nothing of a plain volume, nor of one of a network", () => {
    const volumes = [
      { name: "plain", driver: "local", driverOpts: {} },
      { name: "nfs", driver: "local", driverOpts: { type: "nfs", o: "addr=10.0.0.1,rw", device: ":/export" } },
    ];
    expect(said("bind-directory", aCandidate([], { volumes }))).toEqual([]);
  });
});

describe("volume-nested", () => {
  it("names both volumes, their directories and their users", () => {
    const volumes = [volume("influx", "/mnt/data/"), volume("loki", "/mnt/data/./loki"), volume("copy", "/mnt/data")];
    expect(said("volume-nested", aCandidate([uses("influxd", "influx"), uses("lokid", "loki")], { volumes }))).toEqual([
      "volume:loki: Volume loki (/mnt/data/./loki, used by lokid) lies inside volume influx (/mnt/data/, used by influxd).",
      "volume:copy: Volume copy (/mnt/data, used by nobody) is the same directory as volume influx (/mnt/data/, used by influxd).",
    ]);
  });
  it("says nothing of neighbours, also of one whose name begins alike", () => {
    const volumes = [volume("a", "/mnt/data"), volume("b", "/mnt/data2"), volume("c", "/mnt/other")];
    expect(said("volume-nested", aCandidate([], { volumes }))).toEqual([]);
  });
});

const port = (published: number, protocol: "tcp" | "udp" = "tcp") => ({ published, target: 1, protocol, mode: "host" as const });

describe("port-published", () => {
  it("names the port", () => {
    expect(said("port-published", aCandidate([aService("fluentd", { ports: [port(24224)] })]))).toEqual([
      "service:fluentd: fluentd publishes 24224/tcp (to its 1) in host mode, on every address of the host.",
    ]);
  });
  it("says nothing of the two ports of the entry point", () => {
    expect(said("port-published", aCandidate([aService("traefik", { ports: [port(80), port(443), port(443, "udp")] })]))).toEqual(
      [],
    );
  });
});

describe("port-conflict", () => {
  it("names both services", () => {
    expect(
      said("port-conflict", aCandidate([aService("a", { ports: [port(443)] }), aService("b", { ports: [port(443)] })])),
    ).toEqual(["service:a: Port 443/tcp is published by 2 services: a, b."]);
  });
  it("says nothing of one number in two protocols, nor of ports that Docker chooses", () => {
    const a = aService("a", { ports: [port(443), port(0)] });
    expect(said("port-conflict", aCandidate([a, aService("b", { ports: [port(443, "udp"), port(0)] })]))).toEqual([]);
  });
});

describe("network-undefined, config-unknown, secret-unknown", () => {
  const file = (source: string) => ({ source, target: `/in/${source}` });
  const whole = {
    networks: [{ name: "net", driver: "overlay" as const }],
    configs: [{ name: "conf", content: "" }],
    secrets: [{ name: "sec", shape: { length: 8, alphabet: "hex" as const } }],
  };
  const user = (network: string, config: string, secret: string) =>
    aCandidate([aService("web", { networks: [network], configs: [file(config)], secrets: [file(secret)] })], whole);
  it("name what nothing creates, and an id as an id", () => {
    const candidate = user("gone", "aaaaaaaaaabbbbbbbbbbccccc", "other");
    expect(said("network-undefined", candidate)).toEqual([
      "service:web: web joins network gone, which nothing in the definition creates.",
    ]);
    expect(said("config-unknown", candidate)).toEqual([
      "service:web: web mounts a config by the hard-coded id aaaaaaaaaabbbbbbbbbbccccc at /in/aaaaaaaaaabbbbbbbbbbccccc, which nothing in the definition creates.",
    ]);
    expect(said("secret-unknown", candidate)).toEqual([
      "service:web: web mounts secret other at /in/other, which nothing in the definition creates.",
    ]);
  });
  it("say nothing of what is there, nor of a network that every engine has", () => {
    for (const network of ["net", "host"])
      for (const rule of ["network-undefined", "config-unknown", "secret-unknown"])
        expect(said(rule, user(network, "conf", "sec"))).toEqual([]);
  });
});

describe("log-address", () => {
  const logging = (value: string, option = "fluentd-address") =>
    aCandidate(["a", "b"].map((name) => aService(name, { logDriver: { name: "fluentd", options: { [option]: value } } })));
  it("names the address once, with all that use it", () => {
    expect(said("log-address", logging("172.18.0.1:24224"))).toEqual([
      "log-driver:fluentd 172.18.0.1:24224: 2 services send their logs to fluentd 172.18.0.1:24224, an address that nothing in the definition fixes: a, b.",
    ]);
    expect(said("log-address", logging("udp://10.1.2.3:514", "syslog-address"))).toHaveLength(1);
  });
  it("says nothing of loopback, which every host has, of a name, nor of other options", () => {
    expect(said("log-address", logging("127.0.0.1:24224"))).toEqual([]);
    expect(said("log-address", logging("logs.sprocket.test:24224"))).toEqual([]);
    expect(said("log-address", logging("172.18.0.1", "tag"))).toEqual([]);
  });
});
