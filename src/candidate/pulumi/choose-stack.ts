import { ResilienceError } from "../../history/errors.ts";

/** The stack that a project's files name: the only one, else `prod`. Errors: E_PULUMI_STACK with the choices. */
export function chooseStack(folder: string, files: readonly string[]): string {
  const stacks = files.map((file) => /^Pulumi\.(.+)\.ya?ml$/.exec(file)?.[1]).filter((name) => name !== undefined);
  if (stacks.length === 1) return stacks[0] as string;
  if (stacks.includes("prod")) return "prod";
  throw new ResilienceError(
    "E_PULUMI_STACK",
    stacks.length === 0
      ? `${folder} should hold one Pulumi.<stack>.yaml but holds none.`
      : `${folder} should hold one Pulumi.<stack>.yaml, or one of prod, but holds those of ${stacks.sort().join(", ")}.`,
    { cure: "Give a checkout in which the deployed stack's file is the only one, or is named Pulumi.prod.yaml.", exitCode: 3 },
  );
}
