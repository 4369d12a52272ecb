import fc from "fast-check";
import { expect, it } from "vitest";
import { derive } from "../../../src/candidate/derive/derive.ts";
import { candidateHash } from "../../../src/candidate/hash.ts";
import type { Candidate, CandidateConfig, DefinedService, Definition } from "../../../src/candidate/types.ts";

/** Words that derivation looks for, in places where they mean something and where they do not. */
const word = fc.oneof(
  fc.constantFrom(
    "a",
    "b",
    "core",
    "web",
    "redis",
    "legacy-redis",
    "__proto__",
    "constructor",
    "traefik",
    "db.example.com",
    "s3.example.com",
    "tasks.redis",
    "${secret:x}",
    "",
  ),
  fc.string(),
);
const text = fc.oneof(
  word,
  fc
    .tuple(
      fc.constantFrom(
        "http://",
        "postgres://u:p@",
        "host: ",
        "DB_HOST=",
        "endpoint=",
        '{"db":{"host":"',
        '{"minio":{"endPoint":"',
        'storage "s3" {\n endpoint = "',
        "- {",
        "[[[",
      ),
      word,
      fc.constantFrom("", ":5432/x", '"}}', ":80", '"\n}', "\n# x"),
    )
    .map((parts) => parts.join("")),
);
const image = fc.oneof(
  word,
  fc
    .tuple(
      fc.constantFrom("", "docker.io/", "localhost:5000/x/", "a/"),
      fc.constantFrom("core", "web", "redis", "rejson", "bot", "worker", "dgraph", "traefik", "vault", "grafana", "postgres"),
      fc.constantFrom("", ":1", "@sha256:0", ":1@x"),
    )
    .map((parts) => parts.join("")),
);
const files = fc.array(fc.record({ source: word, target: word }), { maxLength: 2 });
const service: fc.Arbitrary<DefinedService> = fc.record(
  {
    name: word,
    stack: fc.constantFrom("layer_1", "layer_2", "platform", "x"),
    image,
    tier: fc.constantFrom("layer1", "layer2", "platform"),
    command: fc.array(text, { maxLength: 3 }),
    args: fc.array(text, { maxLength: 3 }),
    env: fc.dictionary(
      fc.oneof(
        word,
        fc.constantFrom("DB_HOST", "DB_PORT", "PGHOST", "S3_ENDPOINT", "S3_BUCKET", "POSTGRES_PASSWORD", "file_bucket"),
      ),
      text,
      { maxKeys: 4 },
    ),
    networks: fc.array(word, { maxLength: 2 }),
    aliases: fc.dictionary(word, fc.array(word, { maxLength: 2 }), { maxKeys: 2 }),
    mounts: fc.array(
      fc.record({
        type: fc.constantFrom("volume", "bind", "tmpfs"),
        source: fc.oneof(word, fc.constantFrom("/a", "/a.conf", "/var/run/docker.sock", "/")),
        target: word,
        readOnly: fc.boolean(),
      }),
      { maxLength: 2 },
    ),
    configs: files,
    secrets: files,
    labels: fc.dictionary(
      fc.oneof(word, fc.constantFrom("traefik.http.routers.a.rule", "traefik.tcp.routers.b.rule")),
      fc.oneof(text, fc.constantFrom("Host(`a.b.c`)", "Host(`a.b`) || Host(`c`)", "HostSNI(`*`)", "Host(")),
      { maxKeys: 3 },
    ),
    endpointMode: fc.constantFrom("vip", "dnsrr"),
    ports: fc.constant([]),
    placement: fc.record({
      constraints: fc.array(fc.oneof(word, fc.constantFrom("node.labels.role==storage", "node.labels.a != b")), { maxLength: 2 }),
    }),
    global: fc.boolean(),
  },
  {
    requiredKeys: [
      "name",
      "stack",
      "image",
      "env",
      "networks",
      "mounts",
      "configs",
      "secrets",
      "labels",
      "endpointMode",
      "ports",
      "placement",
      "global",
    ],
  },
);
const config: fc.Arbitrary<CandidateConfig> = fc.record({ name: word, content: text });
const definition: fc.Arbitrary<Definition> = fc.record({
  name: word,
  profile: word,
  origin: fc.constant({ kind: "compose" as const, files: ["a"] }),
  services: fc.uniqueArray(service, { maxLength: 5, selector: ({ name }) => (name === "b" ? Symbol("any") : name) }),
  networks: fc.constant([]),
  volumes: fc.array(
    fc.record({
      name: word,
      driver: word,
      driverOpts: fc.dictionary(fc.constantFrom("o", "device", "type"), fc.constantFrom("bind", "/mnt/a", "none", ""), {
        maxKeys: 3,
      }),
    }),
    { maxLength: 2 },
  ),
  configs: fc.array(config, { maxLength: 4 }),
  secrets: fc.array(fc.record({ name: word, shape: fc.constant({ length: 8, alphabet: "hex" as const }) }), { maxLength: 2 }),
});

it("any definition becomes a candidate or is refused: roles once and whatever the order, nobody needs itself, needs are there", () => {
  fc.assert(
    fc.property(definition, (given) => {
      const candidate = derivedOrRefused(given);
      if (!candidate) return;
      const roles = candidate.services.flatMap(({ role }) => role ?? []);
      expect(new Set(roles).size).toBe(roles.length);
      const known = new Set([
        ...candidate.services.map(({ name }) => name),
        ...Object.keys(candidate.parties).map((party) => `party:${party}`),
      ]);
      for (const { name, needs, tier } of candidate.services) {
        expect(needs).not.toContain(name);
        for (const need of needs) expect(known).toContain(need);
        expect(["layer1", "layer2", "platform"]).toContain(tier);
      }
      expect(candidate.domain).toMatch(/./);
      expect(candidateHash(derive(structuredClone(given)))).toBe(candidateHash(candidate));
      const reversed = derive({ ...given, services: [...given.services].reverse() });
      expect(rolesIn(reversed)).toEqual(rolesIn(candidate));
    }),
    { seed: Number(process.env.FUZZ_SEED ?? 20260208), numRuns: Number(process.env.FUZZ_RUNS ?? 1000) },
  );
});

function derivedOrRefused(given: Definition): Candidate | undefined {
  const twice = new Set(given.services.map(({ name }) => name)).size < given.services.length;
  if (!twice) return derive(given);
  expect(() => derive(given)).toThrow(expect.objectContaining({ code: "E_CANDIDATE_TWICE", exitCode: 3 }));
  return undefined;
}

const rolesIn = ({ services }: Candidate) => new Map(services.map(({ name, role }) => [name, role]));
