import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/candidate/types.ts";
import { substitute } from "../../src/substitute/plan.ts";
import { aCandidate, aService } from "../candidate/a-service.ts";

const plan = (candidate: Candidate, ipvs = true) =>
  substitute(candidate, (reference) => ({ name: reference, source: "recipe" }), { ipvs });
const kinds = (candidate: Candidate, kind: string) => plan(candidate).substitutions.filter((one) => one.kind === kind);
const placed = (...constraints: string[]) => ({ placement: { constraints } });

describe("placement", () => {
  it("gives the node the labels and the name that constraints ask for, and keeps them", () => {
    const made = plan(
      aCandidate([aService("a", placed("node.labels.role == storage", "node.role==manager", "node.hostname == big"))]),
    );
    expect(made.node).toMatchObject({ hostname: "big", labels: { role: "storage" } });
    expect(made.services[0]?.constraints).toHaveLength(3);
    expect(made.substitutions).toContainEqual(
      expect.objectContaining({ asked: "a node with role=storage", hides: ["node-label-missing"] }),
    );
  });
  it.each([
    ["node.role == worker"],
    ["node.labels.role == ingress"],
    ["node.labels.role != storage"],
    ["engine.labels.disk == ssd"],
  ])("leaves out %s, which one node cannot be beside the others, and lists it", (constraint) => {
    const made = plan(aCandidate([aService("a", placed("node.labels.role == storage")), aService("b", placed(constraint))]));
    expect(made.services[1]?.constraints).toEqual([]);
    expect(made.substitutions).toContainEqual(
      expect.objectContaining({ subject: "service:b", asked: `a node with ${constraint}` }),
    );
  });
  it.each([["node.labels.role != ingress"], ["node.platform.os == linux"], ["no constraint at all"]])(
    "keeps %s",
    (constraint) => {
      expect(plan(aCandidate([aService("b", placed(constraint))])).services[0]?.constraints).toEqual([constraint]);
    },
  );
});

describe("what nothing of the candidate creates", () => {
  const naming = (target: string) => aCandidate([aService("a", { configs: [{ source: "x1", target }] })]);
  it.each([["/run/configs/postgres-ca.crt"], ["/etc/ssl/ca.pem"], ["/certificate"]])(
    "is the run's authority for a config at %s",
    (target) => {
      expect(plan(naming(target)).made.configs).toEqual([{ name: "x1", content: { from: "authority" } }]);
    },
  );
  it.each([
    ["/app/settings.json", "{}\n"],
    ["/app/local.conf", "\n"],
  ])("is a config without content at %s", (target, text) => {
    const made = plan(naming(target));
    expect(made.made.configs).toEqual([{ name: "x1", content: { text } }]);
    expect(made.substitutions).toContainEqual(expect.objectContaining({ hides: ["config-unknown"] }));
  });
  it("is a generated value for a secret, named as a file or in a text, and an overlay for a network", () => {
    const made = plan(
      aCandidate([
        aService("a", { secrets: [{ source: "s", target: "/s" }], env: { T: "${secret:t}" }, networks: ["outside", "host"] }),
      ]),
    );
    expect(made.made.secrets.map((secret) => secret.name)).toEqual(["s", "t"]);
    expect(made.made.networks).toEqual(["outside"]);
  });
  it("is nothing that only a service which does not run names", () => {
    const candidate = naming("/x.json");
    expect(substitute(candidate, () => undefined, { ipvs: true }).made.configs).toEqual([]);
  });
});

describe("the host", () => {
  it("gets the directories of binds and bound volumes, and keeps what a node has by itself", () => {
    const bind = (source: string) => ({ type: "bind" as const, source, target: "/x", readOnly: true });
    const volume = { name: "v", driver: "local", driverOpts: { type: "none", o: "bind", device: "/mnt/disk/v" } };
    const made = plan(
      aCandidate(
        [
          aService("a", {
            mounts: [
              bind("/srv/a"),
              bind("/var/run/docker.sock"),
              bind("/proc"),
              bind("/etc/localtime"),
              { type: "volume", source: "v", target: "/v", readOnly: false },
            ],
          }),
        ],
        { volumes: [volume] },
      ),
    );
    expect(made.node.directories).toEqual(["/mnt/disk/v", "/srv/a"]);
    expect(made.volumes).toEqual([volume]);
    expect(made.substitutions).toContainEqual(expect.objectContaining({ asked: "the Docker socket of the host" }));
  });
  it("stands in for a volume that lies on another machine or in a plugin", () => {
    const mounts = ["nfs", "plugin"].map((source) => ({
      type: "volume" as const,
      source,
      target: `/${source}`,
      readOnly: false,
    }));
    const candidate = aCandidate([aService("a", { mounts })], {
      volumes: [
        { name: "nfs", driver: "local", driverOpts: { type: "nfs", o: "addr=10.0.0.1", device: ":/x" } },
        { name: "plugin", driver: "rexray", driverOpts: {} },
      ],
    });
    expect(plan(candidate).volumes).toEqual(["nfs", "plugin"].map((name) => ({ name, driver: "local", driverOpts: {} })));
    expect(kinds(candidate, "host-resource").map((one) => one.subject)).toEqual(["volume:nfs", "volume:plugin"]);
  });
});

describe("published ports", () => {
  const port = { published: 24224, target: 24224, protocol: "tcp" as const, mode: "ingress" as const };
  it("stay on the node; without IPVS, the mesh's are published by the task's own node, and listed", () => {
    const candidate = aCandidate([aService("fluentd", { ports: [port] })]);
    expect(plan(candidate).services[0]?.ports).toEqual([port]);
    const lost = plan(candidate, false);
    expect(lost.services[0]).toMatchObject({ endpointMode: "dnsrr", ports: [{ ...port, mode: "host" }] });
    expect(lost.substitutions).toContainEqual(expect.objectContaining({ hides: ["routing-mesh"] }));
  });
  it("on the mesh of a service that asks for round robin itself are Swarm's to refuse", () => {
    const candidate = aCandidate([aService("a", { ports: [port], endpointMode: "dnsrr" })]);
    expect(plan(candidate, false).services[0]?.ports).toEqual([port]);
  });
});

it("log drivers whose lines leave the node are replaced and listed with where they went; local ones stay", () => {
  const candidate = aCandidate([
    aService("a", { logDriver: { name: "fluentd", options: { "fluentd-address": "10.0.0.1:24224", "fluentd-async": "true" } } }),
    aService("b", { logDriver: { name: "json-file", options: { "max-size": "1m" } } }),
  ]);
  expect(plan(candidate).services.map((service) => service.logDriver.options["max-size"])).toEqual(["20m", "1m"]);
  expect(kinds(candidate, "log-driver")).toMatchObject([
    { subject: "services:a", asked: "fluentd at 10.0.0.1:24224, asynchronous" },
  ]);
});

it("services that ask a party trust the run's authority, and keep what they set themselves", () => {
  const [one] = plan(aCandidate([aService("x", { needs: ["party:s3"], env: { SSL_CERT_FILE: "/own.pem" } })])).services;
  expect(Object.keys(one?.extraEnv ?? {})).toEqual(["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"]);
  expect(plan(aCandidate([aService("y")])).services[0]?.extraConfigs).toEqual([]);
});

it("what reading the definition had to change is listed first", () => {
  const difference = { subject: "package:x", kind: "version" as const, asked: "1", got: "2", why: "not served", hides: [] };
  expect(substitute(aCandidate([]), () => undefined, { ipvs: true }, [difference]).substitutions[0]).toBe(difference);
});
