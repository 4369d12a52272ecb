import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { exportCompose } from "../../../src/candidate/compose/export.ts";
import { derive } from "../../../src/candidate/derive/derive.ts";
import { candidateHash } from "../../../src/candidate/hash.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import type { Candidate } from "../../../src/candidate/types.ts";
import { stack } from "./a-stack.ts";

const reference = referenceCandidate();

it.each(["core", "full"] as const)(
  "the exported reference (%s), imported again, has its hash, and nothing differed",
  async (profile) => {
    const candidate = referenceCandidate(profile);
    const { definition, differences } = await stack(exportCompose(candidate));
    expect(differences).toEqual([]);
    const again = derive(definition);
    expect(withoutPlaces(again)).toEqual({ ...withoutPlaces(candidate), origin: { kind: "compose", files: ["1.yaml"] } });
    expect(candidateHash(again)).toBe(candidateHash(candidate));
  },
);

it("without x-sprocket-resilience it differs in what a stack file cannot carry, and in nothing else", async () => {
  const document = parse(exportCompose(reference));
  delete document["x-sprocket-resilience"];
  for (const service of Object.values<Record<string, unknown>>(document.services)) delete service["x-sprocket-resilience"];
  for (const [name, secret] of Object.entries<Record<string, unknown>>(document.secrets)) {
    delete secret["x-sprocket-resilience"];
    document.secrets[name] = { file: `./${name}.txt` };
  }
  const again = derive((await stack(stringify(document))).definition);

  const carried: Candidate = structuredClone(again);
  // Its name and profile, and the stack that registered a service.
  carried.name = reference.name;
  carried.profile = reference.profile;
  for (const [index, service] of carried.services.entries()) service.stack = reference.services[index]?.stack ?? "";
  // For which processors an image is: a deploy asks the registry.
  const proxy = carried.services.find(({ role }) => role === "socket-proxy");
  if (proxy) proxy.placement.platforms = [{ architecture: "amd64", os: "linux" }];
  // A database that no service of the profile is told of, and the order of buckets.
  expect(again.parties.postgres?.databases).toEqual(["sprocket_main"]);
  expect(new Set(again.parties.s3?.buckets)).toEqual(new Set(reference.parties.s3?.buckets));
  carried.parties = reference.parties;
  // How long a secret is.
  for (const [index, secret] of carried.secrets.entries()) secret.shape = reference.secrets[index]?.shape ?? secret.shape;
  expect(withoutPlaces(carried)).toEqual({ ...withoutPlaces(reference), origin: { kind: "compose", files: ["1.yaml"] } });
  expect(candidateHash(carried)).toBe(candidateHash(reference));
});

it("names that no key may have, references that nothing creates, and every optional field survive", async () => {
  const candidate: Candidate = {
    ...reference,
    services: [
      {
        name: "it",
        tier: "platform",
        stack: "s",
        image: "a:main",
        digestAtDeploy: true,
        command: ["sh"],
        args: ["-c", "echo $HOME ${secret:x}"],
        env: { A: "$1" },
        user: "0:0",
        hostname: "h",
        workdir: "/w",
        hosts: ["10.0.0.1 db"],
        networks: ["a network"],
        aliases: { "a network": ["other"] },
        mounts: [
          { type: "volume", source: "a volume", target: "/v", readOnly: true },
          { type: "tmpfs", source: "", target: "/t", readOnly: false },
        ],
        configs: [{ source: "id/elsewhere", target: "/c", mode: 0o400 }],
        secrets: [{ source: "x", target: "/run/secrets/y", mode: 0o440 }],
        labels: { "a.$b": "$c" },
        healthcheck: { test: ["CMD", "x"], intervalNs: 1_500_000_000, timeoutNs: 1, retries: 2, startPeriodNs: 3_000_000 },
        endpointMode: "dnsrr",
        ports: [{ published: 53, target: 53, protocol: "udp", mode: "host" }],
        placement: { constraints: ["node.labels.a==b"], maxReplicas: 1 },
        logDriver: { name: "json-file", options: { tag: "{{.Name}}" } },
        global: false,
        replicas: 4,
        limits: { memoryBytes: 12345 },
        reservations: { nanoCpus: 1 },
        stopGraceNs: 90e9,
        restart: { condition: "none", delayNs: 7 },
        needs: [],
      },
    ],
    networks: [
      { name: "a network", driver: "overlay", internal: true, attachable: true, encrypted: true, subnet: "10.9.0.0/24" },
    ],
    volumes: [{ name: "a volume", driver: "local", driverOpts: { o: "$x" } }],
    configs: [],
    secrets: [
      { name: "x", shape: { length: 8, alphabet: "hex" } },
      { name: "y", shape: { length: 8, alphabet: "hex" }, content: "amqp://u:${secret:x}@$host" },
      ...["prod-secrets-db-password", "prod-secrets-s3-access", "prod-secrets-s3-secret"].map((name) => ({
        name,
        shape: { length: 32, alphabet: "alphanumeric" as const },
      })),
    ],
    host: [{ type: "node-label", name: "a", value: "b", why: "placement of it" }],
  };
  const { definition, differences } = await stack(exportCompose(candidate));
  expect(differences).toEqual([]);
  expect(withoutPlaces(derive(definition))).toEqual({ ...candidate, origin: { kind: "compose", files: ["1.yaml"] } });
});

function withoutPlaces(candidate: Candidate): Candidate {
  const strip = <Item extends { place?: string }>(items: Item[]) => items.map(({ place: _, ...item }) => item as Item);
  return {
    ...candidate,
    services: strip(candidate.services),
    networks: strip(candidate.networks),
    volumes: strip(candidate.volumes),
    configs: strip(candidate.configs),
    secrets: strip(candidate.secrets),
  };
}
