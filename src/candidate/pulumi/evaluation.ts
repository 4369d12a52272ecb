import { z } from "zod";

/**
 * What the evaluator's container answers. It ran somebody's code, so every answer is checked against these shapes before anything is read
 * from it. Counterpart: fixtures/evaluator/src/protocol.ts.
 */
const record = z.record(z.string(), z.unknown());

const stackOutputs = z.object({ outputs: record, secretOutputNames: z.array(z.string()) });

/** One registration as the program sent it; values keep Pulumi's marks of secrets and unknowns. */
const registration = z.object({
  urn: z.string(),
  type: z.string(),
  name: z.string(),
  custom: z.boolean(),
  parent: z.string(),
  id: z.string(),
  inputs: record,
  outputs: record,
  provider: z.string(),
  dependencies: z.array(z.string()),
  propertyDependencies: z.record(z.string(), z.array(z.string())),
  additionalSecretOutputs: z.array(z.string()),
});

/** A value that stands for a secret. `loose` ones are secret only by custom (RandomString): in a name they become an ordinary text. */
const placeholder = z.object({
  value: z.string(),
  name: z.string(),
  urn: z.string(),
  length: z.number(),
  loose: z.boolean(),
});

const evaluated = z.object({
  kind: z.literal("evaluated"),
  registrations: z.array(registration),
  outputs: stackOutputs,
  placeholders: z.array(placeholder),
  digests: z.record(z.string(), z.string()),
  environment: z.array(z.string()),
});

const answer = z.discriminatedUnion("kind", [
  evaluated,
  z.object({ kind: z.literal("needs"), stack: z.string() }),
  z.object({
    kind: z.literal("failed"),
    failure: z.object({ code: z.string().regex(/^E_PULUMI_[A-Z]+$/), what: z.string(), at: z.string().optional() }),
  }),
]);

export const toldSchema = z.object({ actual: answer, preview: answer, printed: z.array(z.string()) });

export type Registration = z.infer<typeof registration>;
export type Placeholder = z.infer<typeof placeholder>;
export type StackOutputs = z.infer<typeof stackOutputs>;
export type Evaluated = z.infer<typeof evaluated>;
export type Told = z.infer<typeof toldSchema>;
