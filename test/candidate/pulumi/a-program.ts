import type { EvaluatedStack } from "../../../src/candidate/pulumi/definition.ts";
import type { Registration } from "../../../src/candidate/pulumi/evaluation.ts";

export const base64 = (text: string) => Buffer.from(text).toString("base64");
export const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A registration as the evaluator hands it over: outputs are the inputs, and the name that nothing pins. */
export function registration(
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  more: Partial<Registration> = {},
): Registration {
  return {
    urn: `urn:pulumi:prod::shop::${type}::${name}`,
    type,
    name,
    custom: true,
    parent: "",
    id: `id-of-${name}`,
    inputs,
    outputs: { name: `${name}-abc1234`, ...inputs },
    provider: "",
    dependencies: [],
    propertyDependencies: {},
    additionalSecretOutputs: [],
    ...more,
  };
}

export const service = (name: string, containerSpec: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  registration("docker:index/service:Service", name, {
    taskSpec: { containerSpec: { image: "example/app:1", ...containerSpec } },
    ...more,
  });

export function stack(registrations: Registration[], more: Partial<EvaluatedStack> = {}): EvaluatedStack {
  return {
    project: "shop",
    stack: "prod",
    folder: "shop",
    wanted: true,
    registrations,
    placeholders: [],
    digests: {},
    environment: [],
    config: {},
    secretKeys: [],
    printed: [],
    ...more,
  };
}
