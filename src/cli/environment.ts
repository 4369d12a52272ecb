import { distance } from "fastest-levenshtein";
import { badInput, refusal } from "./bad-input.ts";

/** How an engine is had: `auto` installs and starts one where there is none and that is possible, `never` prints the cure instead. */
const provisionPolicies = ["auto", "never"] as const;
type ProvisionPolicy = (typeof provisionPolicies)[number];

/** How an image is had: what is there, else pulled, else built (`auto`), or one of these alone. */
const imagePolicies = ["auto", "pull", "build", "local"] as const;
type ImagePolicy = (typeof imagePolicies)[number];

/** What the environment says; every variable is optional. */
export interface Environment {
  provision: ProvisionPolicy;
  images: ImagePolicy;
}

interface Variable {
  /** Every right value, the default first; or what a right value looks like. */
  allowed: readonly string[] | { pattern: RegExp; phrase: string; placeholder: string };
  describe: string;
}

/** Every variable of ours, for `--help` and for refusing a wrong value. */
export const variables: Readonly<Record<string, Variable>> = {
  SPROCKET_PROVISION: {
    allowed: provisionPolicies,
    describe: "auto installs and starts Docker where there is none and that is possible; never prints the cure",
  },
  SPROCKET_IMAGES: {
    allowed: imagePolicies,
    describe: "auto takes an image that is there, else pulls, else builds it; the others force one way",
  },
  SPROCKET_REGISTRY: {
    allowed: {
      pattern: /^[\w.-]+(:\d+)?(\/[\w./-]+)?$/,
      phrase: "HOST, HOST:PORT or HOST:PORT/PREFIX",
      placeholder: "HOST:PORT/PREFIX",
    },
    describe: "a mirror that images are pulled from instead of their own registries",
  },
  SPROCKET_DEBIAN_MIRROR: {
    allowed: {
      pattern: /^https?:\/\/[^\s/]+(\/\S*)?$/,
      phrase: "a URL that begins with http:// or https://",
      placeholder: "URL",
    },
    describe: "a mirror that Debian's packages are taken from when an image is built",
  },
};

/** Reads our variables; a wrong value, or a name that is one of ours but for a slip, throws `E_BAD_INPUT`. */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const ours = Object.keys(variables);
  for (const name of Object.keys(env)) {
    // Sprocket itself has variables with this prefix, so only a near miss of one of ours is a mistake.
    if (!name.startsWith("SPROCKET_") || ours.includes(name)) continue;
    if (ours.some((known) => distance(name, known) <= 2))
      throw badInput({ where: "in the environment", met: name, kind: "variable", allowed: ours });
  }
  for (const [name, { allowed }] of Object.entries(variables)) {
    const met = env[name];
    if (met === undefined || met === "") continue;
    if (!("pattern" in allowed)) {
      if (!allowed.includes(met)) throw badInput({ where: `in the environment variable ${name}`, met, kind: "value", allowed });
    } else if (!allowed.pattern.test(met))
      // The value may hold a password, so it is not repeated.
      throw refusal(`Wrong value in the environment variable ${name}: allowed is ${allowed.phrase}.`);
  }
  return {
    provision: (env.SPROCKET_PROVISION || provisionPolicies[0]) as ProvisionPolicy,
    images: (env.SPROCKET_IMAGES || imagePolicies[0]) as ImagePolicy,
  };
}
