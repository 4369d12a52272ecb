import { z } from "zod";
import { expectationSets } from "./access.ts";
import type { EventBody, HistoryEvent } from "./events.ts";
import { sampleSchema } from "./sample-schema.ts";

export { sampleSchema } from "./sample-schema.ts";

/**
 * The exact shape of every event: what the writer refuses to write and the reader refuses to read. Unknown keys are refused, since a key that
 * nobody judges is a promise that nobody keeps; the newest schema number is `historySchema`.
 */
const text = z.string();
const count = z.int().nonnegative();
const finite = z.number();

export const tierSchema = z.enum(["layer1", "layer2", "platform"]);
export const effectSchema = z.enum(["observe", "write", "disrupt"]);

export const substitutionSchema = z.strictObject({
  subject: text,
  kind: z.enum([
    "image",
    "version",
    "address",
    "secret",
    "endpoint-mode",
    "host-resource",
    "log-driver",
    "certificate",
    "stand-in",
    "published-port",
    "setting",
  ]),
  asked: text,
  got: text,
  why: text,
  hides: z.array(text),
});

export const findingSchema = z.strictObject({
  rule: text,
  place: text,
  what: text,
  cure: text.exactOptional(),
  since: z.literal("new").exactOptional(),
});

export const objectiveSchema = z.strictObject({
  id: text,
  subject: text,
  unit: z.enum(["ms", "s", "ratio", "count"]),
  limit: finite,
  source: text,
});

export const plannedServiceSchema = z.strictObject({
  name: text,
  tier: tierSchema,
  image: text,
  source: z.enum(["registry", "recipe", "stand-in", "not-reproduced"]),
  needs: z.array(text),
});

const plannedCheckSchema = z.strictObject({
  id: text,
  observation: text,
  tier: tierSchema,
  service: text,
  effect: effectSchema,
  needs: z.array(text),
  speaksOf: z.array(text),
});

const baselineSchema = z.strictObject({
  check: text.exactOptional(),
  finding: text.exactOptional(),
  owner: text,
  reason: text,
  until: z.iso.date(),
});

export const troubleSchema = z.strictObject({
  state: text,
  exitCode: z.int().exactOptional(),
  restarts: count,
  condition: text,
  met: text,
  error: text.exactOptional(),
  log: z.array(text),
});

const machineSchema = z.strictObject({ os: text, arch: text, cores: count, memoryBytes: count, node: text });
export const candidateRefSchema = z.strictObject({
  name: text,
  profile: text,
  hash: text,
  variant: text.exactOptional(),
  mutation: text.exactOptional(),
  origin: z
    .strictObject({ kind: z.enum(["pulumi", "compose"]), read: z.array(text), commit: text.exactOptional() })
    .exactOptional(),
});
const usageSchema = z.strictObject({ memoryBytes: finite.nonnegative(), cpuSeconds: finite.nonnegative() });

const bodies = [
  z.strictObject({
    type: z.literal("run-started"),
    schema: count,
    runId: text,
    command: text,
    seed: z.int(),
    product: text,
    judge: count,
    machine: machineSchema,
    candidate: candidateRefSchema,
  }),
  z.strictObject({
    type: z.literal("preflight"),
    docker: z.strictObject({ version: text, api: text }),
    findings: z.array(
      z.strictObject({ id: text, severity: z.enum(["info", "warning", "error"]), what: text, cure: text.exactOptional() }),
    ),
  }),
  z.strictObject({
    type: z.literal("planned"),
    services: z.array(plannedServiceSchema),
    checks: z.array(plannedCheckSchema),
    substitutions: z.array(substitutionSchema),
    findings: z.array(findingSchema),
    comparedWith: text.exactOptional(),
    objectives: z.array(objectiveSchema),
    baseline: z.array(baselineSchema),
    notApplicable: z.array(z.strictObject({ check: text, why: text })),
    expects: z.enum(expectationSets).exactOptional(),
  }),
  z.strictObject({ type: z.literal("phase"), phase: text, state: z.enum(["started", "ended"]), detail: text.exactOptional() }),
  z.strictObject({
    type: z.literal("image"),
    name: text,
    tag: text,
    id: text,
    sizeBytes: count,
    source: z.enum(["registry", "recipe", "stand-in"]),
    origin: text,
    asked: text,
    got: text,
  }),
  z.strictObject({
    type: z.literal("engine"),
    engine: text,
    api: text,
    flags: z.array(text),
    loadBalancing: z.enum(["vip", "dnsrr"]),
  }),
  z.strictObject({
    type: z.literal("vantage"),
    name: text,
    place: z.enum(["outside", "inside", "localhost"]),
    subnets: z.array(text),
    resolver: text.exactOptional(),
  }),
  z.strictObject({ type: z.literal("clock"), agent: text, segment: count, offsetNs: finite, errorNs: finite.nonnegative() }),
  z.strictObject({
    type: z.literal("party"),
    party: text,
    state: z.enum(["starting", "ready", "failed"]),
    detail: text.exactOptional(),
  }),
  z.strictObject({ type: z.literal("tier"), tier: tierSchema, state: z.enum(["creating", "ready", "red"]) }),
  z.strictObject({
    type: z.literal("service"),
    service: text,
    tier: tierSchema,
    state: z.enum(["created", "running", "ready", "not-ready"]),
    trouble: troubleSchema.exactOptional(),
  }),
  z.strictObject({
    type: z.literal("observation"),
    observation: text,
    state: z.enum(["started", "ended", "skipped"]),
    error: text.exactOptional(),
    why: text.exactOptional(),
    needsDown: z.array(text).exactOptional(),
  }),
  z.strictObject({
    type: z.literal("sample"),
    observation: text,
    label: text,
    vantage: text,
    probe: text,
    target: text,
    sample: sampleSchema,
  }),
  z.strictObject({
    type: z.literal("samples"),
    observation: text,
    label: text,
    vantage: text,
    probe: text,
    target: text,
    // Inside the run's folder, whatever a history from elsewhere says.
    file: text.regex(/^samples\/[A-Za-z0-9._-]+$/),
    count,
    sha256: text.regex(/^[0-9a-f]{64}$/),
  }),
  z.strictObject({ type: z.literal("fact"), observation: text, name: text, data: z.json() }),
  z.strictObject({
    type: z.literal("fault"),
    observation: text,
    fault: text,
    step: z.enum(["intent", "applied", "effect-seen", "removed", "heal-seen", "failed"]),
    detail: z.json(),
  }),
  z.strictObject({
    type: z.literal("resources"),
    subject: z.enum(["replica", "harness"]),
    memoryBytes: finite.nonnegative(),
    cpuSeconds: finite.nonnegative(),
    of: z.record(text, usageSchema),
  }),
  z.strictObject({ type: z.literal("teardown"), left: z.array(text), durationMs: finite.nonnegative() }),
  z.strictObject({ type: z.literal("log"), level: z.enum(["info", "warning"]), text }),
  z.strictObject({
    type: z.literal("run-ended"),
    reason: z.enum(["completed", "deadline", "interrupted", "crashed"]),
    detail: text.exactOptional(),
  }),
] as const;

const base = { seq: count, t: finite.nonnegative(), at: z.iso.datetime() };

/** What a caller hands to `append`: an event without its number and times. */
export const eventBodySchema = z.discriminatedUnion("type", bodies);

type Numbered<S> = S extends z.ZodObject<infer Shape, infer Config> ? z.ZodObject<typeof base & Shape, Config> : never;
type NumberedAll<T extends readonly unknown[]> = { -readonly [K in keyof T]: Numbered<T[K]> };

/** One line of `history.jsonl`. */
export const historyEventSchema = z.discriminatedUnion(
  "type",
  bodies.map((body) => z.strictObject({ ...base, ...body.shape })) as unknown as NumberedAll<typeof bodies>,
);

/**
 * Fails to compile when the schema and the types of `events.ts` drift apart, in either direction. `unknown` fields of the types are JSON here.
 */
type Same<A, B> = [A] extends [B] ? true : never;
const bodyMatches: Same<z.infer<typeof eventBodySchema>, EventBody> = true;
const eventMatches: Same<z.infer<typeof historyEventSchema>, HistoryEvent> = true;
type Unjson<T> = T extends { type: "fact" } ? Omit<T, "data"> : T extends { type: "fault" } ? Omit<T, "detail"> : T;
const bodyMatchesBack: Same<Unjson<EventBody>, Unjson<z.infer<typeof eventBodySchema>>> = true;
void [bodyMatches, eventMatches, bodyMatchesBack];
