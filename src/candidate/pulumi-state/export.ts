import { z } from "zod";
import { exitCodes, ResilienceError } from "../../history/errors.ts";

/** Largest export that is read; a stack of Sprocket's is well below one megabyte. */
export const mostBytes = 64 * 1024 ** 2;

/** Versions of the format that are known: 4 is 3 with features that change nothing that is read here. */
const versions = [3, 4];

const properties = z.record(z.string(), z.unknown()).nullish();
const resourceSchema = z.object({
  urn: z.string(),
  type: z.string(),
  id: z.string().optional(),
  /** Replaced, and not yet removed. */
  delete: z.boolean().optional(),
  inputs: properties,
  outputs: properties,
});
const deploymentSchema = z.object({
  manifest: z.object({ time: z.string().optional() }).nullish(),
  resources: z.array(resourceSchema).nullish(),
  pending_operations: z
    .array(z.object({ type: z.string(), resource: z.object({ urn: z.string(), type: z.string() }) }))
    .nullish(),
});

/** A resource as it was recorded. Values of `inputs` and `outputs` are as they stand in the file, ciphertext included: `values.ts` reads them. */
export type StateResource = z.infer<typeof resourceSchema>;

/** What `pulumi stack export` says of one stack: a past state, not what runs. */
export interface PulumiExport {
  file: string;
  /** From the first URN; empty for a stack without resources. */
  project: string;
  stack: string;
  /** When it was recorded, as it says itself. */
  time?: string;
  resources: StateResource[];
  /** Operations that were begun and of which nobody knows how they ended. */
  pending: { operation: string; urn: string }[];
}

/**
 * Reads the text of a `pulumi stack export`.
 * @throws ResilienceError E_STATE_SIZE, E_STATE_TRUNCATED, E_STATE_NOT_EXPORT or E_STATE_VERSION
 */
export function readExport(text: string, file: string): PulumiExport {
  if (text.length > mostBytes)
    throw refuse("E_STATE_SIZE", `${file} should be at most ${mostBytes} bytes, but it has ${text.length}.`, "Export one stack.");
  const data = parse(text, file);
  const known = z.looseObject({ version: z.number(), deployment: z.unknown() }).safeParse(data);
  if (!known.success || typeof known.data.deployment !== "object" || known.data.deployment === null)
    throw notExport(file, `it has ${shapeOf(data)}`);
  if (!versions.includes(known.data.version))
    throw refuse(
      "E_STATE_VERSION",
      `${file} should be an export of version ${versions.join(" or ")}, but it is of version ${known.data.version}.`,
      "Export it with a current pulumi; a newer format needs a newer sprocket-resilience.",
    );
  const parsed = deploymentSchema.safeParse(known.data.deployment);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw notExport(file, `deployment.${issue?.path.join(".")} is not what it should be: ${issue?.message}`);
  }
  const { manifest, resources, pending_operations } = parsed.data;
  const [, stack = "", project = ""] = /^urn:pulumi:([^:]*)::([^:]*)::/.exec(resources?.[0]?.urn ?? "") ?? [];
  return {
    file,
    project,
    stack,
    ...(manifest?.time === undefined ? {} : { time: manifest.time }),
    resources: resources ?? [],
    pending: (pending_operations ?? []).map(({ type, resource }) => ({ operation: type, urn: resource.urn })),
  };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const position = Number(/at position (\d+)/.exec(message)?.[1] ?? Number.NaN);
    const begun = /^\s*\{/.test(text);
    if (begun && (/end of JSON|Unterminated/.test(message) || position >= text.trimEnd().length || !/\}\s*$/.test(text)))
      throw refuse(
        "E_STATE_TRUNCATED",
        `${file} should be a whole JSON document, but it ends too early, after ${text.length} characters.`,
        "Export it again, and see that the disk has room.",
      );
    throw notExport(file, "it is not JSON");
  }
}

function shapeOf(data: unknown): string {
  if (typeof data !== "object" || data === null) return `a ${data === null ? "null" : typeof data} instead of an object`;
  if ("checkpoint" in data) return "a `checkpoint`, as the file of a self-managed backend has it";
  return "no `version` with a `deployment`";
}

function notExport(file: string, met: string): ResilienceError {
  return refuse(
    "E_STATE_NOT_EXPORT",
    `${file} should be what \`pulumi stack export\` prints, but ${met}.`,
    "`pulumi stack export --stack NAME --file FILE` writes one; do not add --show-secrets.",
  );
}

function refuse(code: `E_STATE_${string}`, sentence: string, cure: string): ResilienceError {
  return new ResilienceError(code, sentence, { cure, exitCode: exitCodes.badInput });
}
