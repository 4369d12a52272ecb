import { z } from "zod";

/** The exact shape of a raw sample; see sample.ts for what each field means. */
export const sampleSchema = z.strictObject({
  due: z.number(),
  sent: z.number(),
  done: z.number(),
  phases: z.record(z.string(), z.number()),
  source: z.string().exactOptional(),
  peer: z.string().exactOptional(),
  resolved: z.array(z.string()).exactOptional(),
  tls: z.record(z.string(), z.json()).exactOptional(),
  response: z
    .strictObject({ status: z.int().exactOptional(), headers: z.record(z.string(), z.string()).exactOptional(), body: z.string().exactOptional() })
    .exactOptional(),
  error: z.strictObject({ code: z.string(), message: z.string() }).exactOptional(),
});
