import { z } from "zod";
import { verdictDocumentSchema } from "../check/verdict-schema.ts";
import { findingSchema, historyEventSchema, plannedServiceSchema, substitutionSchema } from "../history/schema.ts";

/** What `plan --json` prints: what would start, tier by tier, and from which images. */
export const planDocumentSchema = z.strictObject({
  schema: z.literal(1),
  services: z.array(plannedServiceSchema),
  findings: z.array(findingSchema),
  substitutions: z.array(substitutionSchema),
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

const sources = {
  "history-event.schema.json": { title: "One line of history.jsonl", schema: historyEventSchema },
  "verdict.schema.json": {
    title: "verdict.json, and what gate, verify and judge print with --json",
    schema: verdictDocumentSchema,
  },
  "plan.schema.json": { title: "What plan prints with --json", schema: planDocumentSchema },
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
