import { z } from "zod";
import { objectiveSchema } from "../../history/schema.ts";

/** The exact shape of `experiments` in `verdict.json`; judged.ts and account.ts say what each field means. */
const text = z.string();
const count = z.int().nonnegative();
const ms = z.number();

const percentile = z.union([ms, z.literal("bad")]).exactOptional();
const latency = z.strictObject({
  n: count,
  bad: count,
  p50: percentile,
  p95: percentile,
  p99: percentile,
  maxMs: ms.exactOptional(),
});

const client = z.strictObject({
  label: text,
  client: text,
  from: z.union([z.enum(["localhost", "lan", "tailscale", "public"]), z.templateLiteral(["inside:", text])]),
  pooled: z.boolean(),
  victim: z.boolean(),
  n: count,
  bad: z.array(z.tuple([count, count])),
  clock: z.strictObject({ offsetNs: z.number(), errorNs: z.number() }).exactOptional(),
  recovery: z
    .strictObject({
      bad: count,
      relapses: count,
      recoveredMs: ms.exactOptional(),
      errorMs: ms,
      confirmedAfterMs: ms,
      detectedMs: ms.exactOptional(),
      outageMs: ms.exactOptional(),
      outageErrorMs: ms.exactOptional(),
      afterRemovalMs: ms.exactOptional(),
      steady: z.boolean().exactOptional(),
      watchedMs: ms,
    })
    .exactOptional(),
  latency: z.strictObject({ before: latency, during: latency.exactOptional(), after: latency.exactOptional() }).exactOptional(),
  missing: text.exactOptional(),
});

const account = z.strictObject({
  name: text,
  title: text,
  why: text,
  service: text,
  objective: text,
  promised: objectiveSchema.pick({ limit: true, unit: true, source: true }).exactOptional(),
  moments: z.strictObject({ announced: ms, effect: ms, removed: ms }).exactOptional(),
  aborted: z
    .strictObject({
      guard: z.enum([
        "error-budget",
        "blast-radius",
        "host-memory",
        "host-disk",
        "stopped",
        "deadline",
        "not-steady",
        "fault-left",
      ]),
      why: text,
    })
    .exactOptional(),
  claimMs: ms.exactOptional(),
  clients: z.array(client),
  ledger: z
    .strictObject({
      store: text,
      mayLose: z.union([z.number(), z.strictObject({ acknowledgedWithinMs: ms })]),
      attempted: count,
      acknowledged: count,
      readBack: z
        .strictObject({ lost: count, lostMs: ms.exactOptional(), unexpected: count, duplicated: count, recovered: count })
        .exactOptional(),
    })
    .exactOptional(),
});

export const judgedExperimentSchema = z.strictObject({
  observation: text,
  checks: z.array(text),
  verdict: z.enum(["pass", "fail", "unknown", "not-applicable"]),
  reason: text,
  account: account.exactOptional(),
  missing: text.exactOptional(),
});
