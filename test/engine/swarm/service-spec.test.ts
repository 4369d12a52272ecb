import { describe, expect, it } from "vitest";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import type { Role } from "../../../src/candidate/types.ts";
import { networkSpec, serviceSpec } from "../../../src/engine/swarm/service-spec.ts";
import { substitute } from "../../../src/substitute/plan.ts";
import { aCandidate, aService } from "../../candidate/a-service.ts";

const candidate = referenceCandidate();
const plan = substitute(candidate, (reference) => ({ name: reference, source: "recipe" }), { ipvs: true });
const all = (names: string[]) => new Map(names.map((name) => [name, `id-of-${name}`]));
const ids = {
  networks: all(candidate.networks.map((one) => one.name)),
  configs: all([...candidate.configs.map((one) => one.name), "sprocket-resilience-authority"]),
  secrets: all(candidate.secrets.map((one) => one.name)),
};

interface Spec {
  Labels: Record<string, string>;
  TaskTemplate: {
    RestartPolicy?: unknown;
    Placement: { MaxReplicas?: number };
    ContainerSpec: {
      Args?: string[];
      Command?: string[];
      Healthcheck?: unknown;
      Hostname?: string;
      Secrets: { SecretID: string; File: { Name: string } }[];
    };
  };
  EndpointSpec: { Mode: string; Ports: unknown[] };
}

function specOf(role: Role, fill = (text: string) => text): Spec {
  const service = plan.services.find((one) => one.candidate.role === role);
  if (!service) throw new Error(`no ${role}`);
  return serviceSpec(service, "sha256:image", ids, fill) as unknown as Spec;
}

describe("serviceSpec", () => {
  it("puts Traefik's labels on the service, where Swarm's provider reads them", () => {
    expect(specOf("core").Labels["traefik.http.routers.sprocket-core-main.rule"]).toBe("Host(`api.sprocket.example`)");
  });

  it("leaves the restart policy to Swarm when the candidate has none, and keeps one that it has", () => {
    expect(specOf("vault").TaskTemplate.RestartPolicy).toBeUndefined();
    const service = structuredClone(plan.services.find((one) => one.candidate.role === "vault"));
    if (!service) throw new Error("no vault");
    service.candidate.restart = { condition: "none" };
    const spec = serviceSpec(service, "image", ids, (text) => text) as unknown as Spec;
    expect(spec.TaskTemplate.RestartPolicy).toEqual({ Condition: "none" });
  });

  it("keeps the broker's health check, endpoint mode and host name template", () => {
    const spec = specOf("rabbitmq");
    expect(spec.EndpointSpec.Mode).toBe("dnsrr");
    expect(spec.TaskTemplate.ContainerSpec.Hostname).toBe("{{.Node.Hostname}}");
    expect(spec.TaskTemplate.ContainerSpec.Healthcheck).toEqual({
      Test: ["CMD", "rabbitmq-diagnostics", "-q", "ping"],
      Interval: 10e9,
      Timeout: 5e9,
      Retries: 3,
      StartPeriod: 30e9,
    });
  });

  it("publishes Traefik's ports in host mode", () => {
    expect(specOf("traefik").EndpointSpec.Ports).toEqual([
      { Protocol: "tcp", TargetPort: 80, PublishedPort: 80, PublishMode: "host" },
      { Protocol: "tcp", TargetPort: 443, PublishedPort: 443, PublishMode: "host" },
    ]);
  });

  it("hands secrets over as files and fills them into arguments only when asked to", () => {
    expect(specOf("core").TaskTemplate.ContainerSpec.Secrets).toHaveLength(12);
    expect(
      specOf("redis", (text) => text.replace("${secret:prod-secrets-redis-password}", "generated")).TaskTemplate.ContainerSpec
        .Args,
    ).toContain("generated");
  });

  it("refuses a reference to what nothing created, by name", () => {
    const service = plan.services.find((one) => one.candidate.role === "vault");
    if (!service) throw new Error("no vault");
    expect(() => serviceSpec(service, "image", { ...ids, networks: new Map() }, (text) => text)).toThrow(
      /vault refers to network vault-network/,
    );
  });
});

it("says in Swarm's words all that an imported definition may say", () => {
  const service = aService("a", {
    workdir: "/srv",
    hosts: ["10.0.0.1 db"],
    hostname: "a-{{.Task.Slot}}",
    networks: ["net", "host"],
    aliases: { net: ["alpha"] },
    mounts: [{ type: "tmpfs", source: "", target: "/tmp", readOnly: false }],
    replicas: 3,
    limits: { memoryBytes: 64 },
    reservations: { nanoCpus: 5e8 },
    stopGraceNs: 30e9,
    placement: { constraints: ["node.role == manager"], maxReplicas: 2 },
  });
  const [only] = substitute(aCandidate([service]), (name) => ({ name, source: "recipe" }), { ipvs: true }).services;
  if (!only) throw new Error("nothing runs");
  const networks = new Map([
    ["net", "id-of-net"],
    ["host", "host"],
  ]);
  expect(serviceSpec(only, "sha256:image", { ...ids, networks }, (text) => text)).toMatchObject({
    Mode: { Replicated: { Replicas: 3 } },
    TaskTemplate: {
      ContainerSpec: {
        Dir: "/srv",
        Hosts: ["10.0.0.1 db"],
        Hostname: "a-{{.Task.Slot}}",
        StopGracePeriod: 30e9,
        Mounts: [{ Type: "tmpfs", Target: "/tmp", ReadOnly: false }],
      },
      Networks: [{ Target: "id-of-net", Aliases: ["alpha"] }, { Target: "host" }],
      Resources: { Limits: { MemoryBytes: 64 }, Reservations: { NanoCPUs: 5e8 } },
      Placement: { Constraints: ["node.role == manager"], MaxReplicas: 2 },
    },
  });
});

it("makes a network as it is defined, and none more open than it says", () => {
  expect(networkSpec({ name: "n", driver: "overlay" })).toEqual({
    Name: "n",
    Driver: "overlay",
    CheckDuplicate: true,
    Internal: false,
    Attachable: false,
  });
  expect(
    networkSpec({ name: "n", driver: "overlay", internal: true, attachable: true, encrypted: true, subnet: "10.9.0.0/24" }),
  ).toMatchObject({
    Internal: true,
    Attachable: true,
    Options: { encrypted: "" },
    IPAM: { Driver: "default", Config: [{ Subnet: "10.9.0.0/24" }] },
  });
});
