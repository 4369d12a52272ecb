import { closest } from "fastest-levenshtein";
import { exitCodes, ResilienceError } from "../../history/errors.ts";
import { accessAspectMutations } from "./access-aspects.ts";
import { accessCertificateMutations } from "./access-certificates.ts";
import { accessRouteMutations } from "./access-routes.ts";
import { accessSocketsMutations } from "./access-sockets.ts";
import { accessTailnetMutations } from "./access-tailnet.ts";
import { layer1Mutations } from "./layer1.ts";
import { layer2Mutations } from "./layer2.ts";
import type { Mutation } from "./mutation.ts";
import { platformMutations } from "./platform.ts";
import { resilienceMutations } from "./resilience.ts";

const list: readonly Mutation[] = [
  ...layer1Mutations,
  ...layer2Mutations,
  ...platformMutations,
  ...accessRouteMutations,
  ...accessAspectMutations,
  ...accessCertificateMutations,
  ...accessSocketsMutations,
  ...accessTailnetMutations,
  ...resilienceMutations,
];

export function mutations(): readonly Mutation[] {
  return list;
}

/** @throws ResilienceError E_BAD_INPUT with the nearest name when there is none of that name. */
export function mutationNamed(name: string): Mutation {
  const found = list.find((mutation) => mutation.name === name);
  if (found) return found;
  const names = list.map((mutation) => mutation.name);
  throw new ResilienceError("E_BAD_INPUT", `There is no mutation ${name}; nearest is ${closest(name, names)}.`, {
    cure: "`npm run mutate -- --list` names them all.",
    exitCode: exitCodes.badInput,
  });
}
