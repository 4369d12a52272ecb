import { z } from "zod";
import type { Plain } from "./document.ts";
import { refuse } from "./refuse.ts";

const word = z.string().min(1).max(500);

/** What a stack file cannot say of a candidate, under `x-sprocket-resilience`; `export-compose` writes it. */
const schema = z.strictObject({
  name: word.optional(),
  profile: word.optional(),
  domain: word.optional(),
  parties: z
    .strictObject({
      postgres: z
        .strictObject({
          host: word,
          port: z.int().min(1).max(65535),
          user: word,
          passwordSecret: word,
          databases: z.array(word),
          maxConnections: z.int().min(1),
          sslmode: word.exactOptional(),
        })
        .exactOptional(),
      s3: z.strictObject({ host: word, accessSecret: word, keySecret: word, buckets: z.array(word) }).exactOptional(),
    })
    .optional(),
  /** What services bind of the folder that the candidate was read from, for whoever has only the stack file. */
  files: z
    .array(
      z.strictObject({
        path: z.string().regex(/^\/checkout\/./),
        content: z.string().max(1_100_000),
        mode: z.int().min(0).max(0o777),
      }),
    )
    .max(2000)
    .optional(),
  /** Values of variables, for whoever judges a stack whose deployers keep them elsewhere. */
  variables: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .optional(),
});

export type Extension = z.infer<typeof schema>;

/** Reads the extension. Errors: E_COMPOSE_EXTENSION. */
export function readExtension(value: Plain | undefined, file: string): Extension {
  if (value === undefined) return {};
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw refuse(
    "E_COMPOSE_EXTENSION",
    `${file}: ${["x-sprocket-resilience", ...(issue?.path ?? [])].join(".")} should be as \`export-compose\` writes it but: ${issue?.message ?? "is not"}.`,
    "Correct it, or leave it out: what it says is derived then.",
  );
}
