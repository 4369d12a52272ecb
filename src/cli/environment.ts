import { distance } from "fastest-levenshtein";
import { badInput } from "./bad-input.ts";

/** How an engine is had: `auto` installs and starts one where there is none and that is possible, `never` prints the cure instead. */
export const provisionPolicies = ["auto", "never"] as const;
export type ProvisionPolicy = (typeof provisionPolicies)[number];

/** How an image is had: what is there, else pulled, else built (`auto`), or one of these alone. */
export const imagePolicies = ["auto", "pull", "build", "local"] as const;
export type ImagePolicy = (typeof imagePolicies)[number];

/** What the environment says; every variable is optional. */
export interface Environment {
  provision: ProvisionPolicy;
  images: ImagePolicy;
}

/** Every variable of ours, for `--help` and for refusing a wrong value. The first value is the default. */
export const variables = {
  SPROCKET_PROVISION: {
    allowed: provisionPolicies,
    describe: "auto installs and starts Docker where there is none and that is possible; never prints the cure",
  },
  SPROCKET_IMAGES: {
    allowed: imagePolicies,
    describe: "auto takes an image that is there, else pulls, else builds it; the others force one way",
  },
} as const;

/** Reads our variables; a wrong value, or a name that is one of ours but for a slip, throws `E_BAD_INPUT`. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const ours = Object.keys(variables);
  for (const name of Object.keys(env)) {
    // Sprocket itself has variables with this prefix, so only a near miss of one of ours is a mistake.
    if (!name.startsWith("SPROCKET_") || ours.includes(name)) continue;
    if (ours.some((known) => distance(name, known) <= 2))
      throw badInput({ where: "in the environment", met: name, kind: "variable", allowed: ours });
  }
  return { provision: word(env, "SPROCKET_PROVISION", provisionPolicies), images: word(env, "SPROCKET_IMAGES", imagePolicies) };
}

function word<Word extends string>(env: NodeJS.ProcessEnv, name: string, allowed: readonly [Word, ...Word[]]): Word {
  const met = env[name];
  if (met === undefined || met === "") return allowed[0];
  if (!allowed.includes(met as Word))
    throw badInput({ where: `in the environment variable ${name}`, met, kind: "value", allowed });
  return met as Word;
}
