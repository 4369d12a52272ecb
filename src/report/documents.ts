import { z } from "zod";
import { judgedFindingSchema, verdictDocumentSchema } from "../check/verdict-schema.ts";
import { tiers } from "../history/events.ts";
import { candidateRefSchema, historyEventSchema, plannedServiceSchema, substitutionSchema } from "../history/schema.ts";

/** What `plan --json` prints: what would start, tier by tier, and from which images. */
export const planDocumentSchema = z.strictObject({
  schema: z.literal(1),
  candidate: candidateRefSchema,
  services: z.array(plannedServiceSchema),
  /** What is wrong in the candidate as it is written; `since` against the newest earlier run, `comparedWith`. */
  findings: z.array(judgedFindingSchema),
  comparedWith: z.string().exactOptional(),
  substitutions: z.array(substitutionSchema),
  /** Tiers in the order in which they start; the services of one are created all at once. */
  order: z.array(z.strictObject({ tier: z.enum(tiers), services: z.array(z.string()) })),
  images: z.array(
    z.strictObject({
      name: z.string(),
      image: z.string(),
      source: z.enum(["registry", "recipe", "stand-in"]),
      /** "unknown" when no engine answers. */
      present: z.enum(["yes", "no", "unknown"]),
      /** Services that run it; none for parties and the harness's own. */
      users: z.array(z.string()),
    }),
  ),
  networks: z.array(z.strictObject({ name: z.string(), where: z.enum(["user's Docker", "node"]), carries: z.string() })),
  /** What nodes hold of the user's machine (the first accepted entry of `flags`), and services of their node. */
  node: z.strictObject({
    flags: z.array(z.strictObject({ name: z.string(), holds: z.array(z.string()) })),
    mounts: z.array(z.string()),
    ports: z.string(),
    binds: z.array(z.strictObject({ service: z.string(), source: z.string(), target: z.string(), readOnly: z.boolean() })),
  }),
  checks: z.array(
    z.strictObject({ id: z.string(), tier: z.enum(tiers), service: z.string(), effect: z.enum(["observe", "write", "disrupt"]) }),
  ),
  notApplicable: z.array(z.strictObject({ check: z.string(), why: z.string() })),
});
export type PlanDocument = z.infer<typeof planDocumentSchema>;

/** What `bench --json` prints: ratios of one run, each with its goal (the value it must not exceed), its unit and the number of measurements. */
export const benchDocumentSchema = z.strictObject({
  schema: z.literal(1),
  ratios: z.record(
    z.string(),
    z.strictObject({ value: z.number(), goal: z.number(), unit: z.string(), n: z.int().nonnegative() }),
  ),
});
export type BenchDocument = z.infer<typeof benchDocumentSchema>;

const said = z.string().exactOptional();

/** What `drift --json` prints: fields that the sources do not say alike. A source that was not given, or does not speak of the service, is absent. */
export const driftDocumentSchema = z.strictObject({
  format: z.literal("drift"),
  version: z.literal(1),
  candidate: z.strictObject({ name: z.string(), profile: z.string() }),
  exports: z.array(
    z.strictObject({ file: z.string(), project: z.string(), stack: z.string(), time: said, resources: z.int().nonnegative() }),
  ),
  /** Run id of the kept replica that was looked at. */
  running: said,
  /** How many services were compared. */
  services: z.int().nonnegative(),
  rows: z.array(
    z.strictObject({
      service: z.string(),
      /** "service" when a whole service is missing somewhere. */
      field: z.string(),
      /** "unknown": a source keeps the value secret, so that nobody can tell; not counted as drift. */
      says: z.enum(["differs", "unknown"]),
      candidate: said,
      export: said,
      running: said,
      /** What runs was changed on purpose and left out of the comparison. */
      substitution: z.literal(true).exactOptional(),
    }),
  ),
  /** What makes an export doubtful: operations that never ended, resources that wait to be removed. */
  notes: z.array(z.string()),
});
export type DriftDocument = z.infer<typeof driftDocumentSchema>;

const sources = {
  "history-event.schema.json": { title: "One line of history.jsonl", schema: historyEventSchema },
  "verdict.schema.json": {
    title: "verdict.json, and what gate, verify and judge print with --json",
    schema: verdictDocumentSchema,
  },
  "plan.schema.json": { title: "What plan prints with --json", schema: planDocumentSchema },
  "drift.json": { title: "What drift prints with --json", schema: driftDocumentSchema },
  "bench.schema.json": { title: "What bench prints with --json", schema: benchDocumentSchema },
} as const;

/** The JSON Schemas (draft 2020-12) of docs/schemas that are made from ours, by file name, as their bytes are. */
export function jsonSchemas(): Map<string, string> {
  return new Map(
    Object.entries(sources).map(([file, { title, schema }]) => {
      const made = z.toJSONSchema(schema, { io: "input", reused: "ref" });
      return [file, `${JSON.stringify({ title, ...made }, null, 2)}\n`];
    }),
  );
}
