import { z } from "zod";
import {
  candidateRefSchema,
  effectSchema,
  findingSchema,
  objectiveSchema,
  plannedServiceSchema,
  substitutionSchema,
  tierSchema,
  troubleSchema,
} from "../history/schema.ts";
import { accessMatrixSchema } from "./access/matrix-schema.ts";
import { judgedExperimentSchema } from "./experiment/account-schema.ts";
import { type VerdictDocument, verdictSchema } from "./verdict.ts";

/** The exact shape of `verdict.json`; verdict.ts says what each field means. */
const text = z.string();
const count = z.int().nonnegative();
const verdict = z.enum(["pass", "fail", "unknown"]);
const acceptance = z.strictObject({ owner: text, reason: text, until: text });
const usage = z.strictObject({ memoryBytes: z.number(), cpuSeconds: z.number() });

/** A finding, and who accepted it. */
export const judgedFindingSchema = findingSchema.extend({ accepted: acceptance.exactOptional() });

export const verdictDocumentSchema = z.strictObject({
  schema: z.literal(verdictSchema),
  verdict,
  exitCode: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(130)]),
  cause: text,
  runId: text,
  command: text,
  startedAt: text,
  durationMs: count,
  ended: z.strictObject({
    reason: z.enum(["completed", "deadline", "interrupted", "crashed", "missing"]),
    detail: text.exactOptional(),
  }),
  product: text,
  judge: count,
  seed: z.int(),
  candidate: candidateRefSchema.nullable(),
  machine: z.strictObject({ os: text, arch: text, cores: count, memoryBytes: count, node: text }).nullable(),
  engine: z.strictObject({ engine: text, api: text, flags: z.array(text), loadBalancing: z.enum(["vip", "dnsrr"]) }).nullable(),
  counts: z.strictObject({ pass: count, fail: count, unknown: count, accepted: count, notApplicable: count }),
  tiers: z.array(
    z.strictObject({
      tier: tierSchema,
      state: z.enum(["ready", "red", "creating", "never-started"]),
      startedMs: count.exactOptional(),
      durationMs: count.exactOptional(),
    }),
  ),
  services: z.array(
    plannedServiceSchema.extend({
      state: z.enum(["ready", "not-ready", "running", "created", "never-created", "not-reproduced"]),
      readyMs: count.exactOptional(),
      trouble: troubleSchema.exactOptional(),
    }),
  ),
  checks: z.array(
    z.strictObject({
      id: text,
      tier: z.enum([...tierSchema.options, "run"]),
      service: text,
      effect: effectSchema,
      title: text,
      verdict: z.enum(["pass", "fail", "unknown", "not-applicable"]),
      reason: text,
      expected: text,
      observed: text,
      durationMs: count,
      observation: text,
      cure: text.exactOptional(),
      accepted: acceptance.exactOptional(),
    }),
  ),
  findings: z.array(judgedFindingSchema),
  comparedWith: text.exactOptional(),
  objectives: z.array(objectiveSchema.extend({ value: z.number().exactOptional(), n: count.exactOptional(), verdict })),
  access: accessMatrixSchema.exactOptional(),
  experiments: z.array(judgedExperimentSchema).exactOptional(),
  substitutions: z.array(substitutionSchema),
  standIns: z.array(text),
  resources: z.strictObject({ replica: usage.nullable(), harness: usage.nullable() }),
});

/** Fails to compile when schema and type drift apart. */
type Fits<A, B> = [A] extends [B] ? true : never;
const fits: Fits<Omit<z.infer<typeof verdictDocumentSchema>, "schema">, Omit<VerdictDocument, "schema">> = true;
const fitsBack: Fits<Omit<VerdictDocument, "schema">, Omit<z.infer<typeof verdictDocumentSchema>, "schema">> = true;
void [fits, fitsBack];
