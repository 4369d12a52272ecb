import { z } from "zod";
import { accessModes, expectationSets } from "../../history/access.ts";
import { tierSchema } from "../../history/schema.ts";
import { outcomes } from "./matrix.ts";

/** The exact shape of `access` in `verdict.json`; matrix.ts says what each field means. */
const text = z.string();
const mode = z.enum(accessModes);
const outcome = z.enum(outcomes);
const verdict = z.enum(["pass", "fail", "unknown"]);
const ms = z.number().nonnegative();

export const accessMatrixSchema = z.strictObject({
  decides: z.enum(expectationSets),
  modes: z.array(
    z.strictObject({ mode, from: text, resolver: text, trust: text, looked: z.boolean(), why: text.exactOptional() }),
  ),
  routes: z.array(
    z.strictObject({
      id: text,
      title: text,
      service: text,
      tier: tierSchema,
      protocol: z.enum(["http", "tcp"]),
      known: z.boolean(),
      why: text.exactOptional(),
    }),
  ),
  cells: z.array(
    z.strictObject({
      route: text,
      mode,
      asked: text,
      by: z.enum(["name", "address"]),
      expected: z.strictObject({ documented: outcome, actual: outcome }),
      met: outcome.exactOptional(),
      verdict: z.strictObject({ documented: verdict, actual: verdict }),
      reason: text,
      faults: z.array(text),
      details: z.strictObject({
        source: text.exactOptional(),
        resolver: text.exactOptional(),
        answers: z.array(text).exactOptional(),
        peer: text.exactOptional(),
        status: z.int().exactOptional(),
        certificate: text.exactOptional(),
        trouble: text.exactOptional(),
        tlsVersion: text.exactOptional(),
      }),
      phasesMs: z
        .strictObject({
          dns: ms.exactOptional(),
          connect: ms.exactOptional(),
          tls: ms.exactOptional(),
          firstByte: ms.exactOptional(),
          total: ms,
        })
        .exactOptional(),
    }),
  ),
});
