import { closest } from "fastest-levenshtein";
import { experiments } from "../../../suites/resilience/experiment.ts";
import { checks } from "../../check/check.ts";
import { exitCodes, ResilienceError } from "../../history/errors.ts";
import type { ExperimentDefinition } from "../../history/experiment.ts";

/** Which experiments are asked for: by name, by tag, or all. */
export interface Wanted {
  names: readonly string[];
  tags: readonly string[];
  all: boolean;
}

/** What is chosen: experiments, and patterns of the checks that judge everything that was asked for. */
export interface Chosen {
  experiments: ExperimentDefinition[];
  loads: Load[];
  only: string[];
}

/** A load on a replica, with what it does in words, and the pattern of its checks. */
export interface Load {
  name: string;
  only: string;
  does: string;
}

/** What loads a replica hurts too, but has no fault to declare: it is had by its own name, or by the tag. */
const everyLoad: readonly Load[] = [
  {
    name: "capacity",
    only: "slo/capacity",
    does: "asks the API at ever higher rates, beginning with ten times the normal traffic, until p95 crosses 500 ms, then looks between",
  },
  {
    name: "k6",
    only: "slo/k6-*",
    does: "has k6 run the scripts of load/ but the soak, 20 s each, at up to twenty times the normal traffic; makes the image of k6 first where it is not there",
  },
];
const loadTag = "load";

/** What is asked for, in the order of the catalogue. @throws ResilienceError E_BAD_INPUT for a name or tag that there is not, with the nearest */
export function chosen({ names, tags, all }: Wanted): Chosen {
  const known = experiments();
  const every = [...known, ...everyLoad].map(({ name }) => name);
  for (const name of names) refuseUnknown(name, every, "experiment");
  const everyTag = [...new Set([...known.flatMap((one) => one.tags), loadTag])];
  for (const tag of tags) refuseUnknown(tag, everyTag, "tag");
  const found = known.filter((one) => all || names.includes(one.name) || one.tags.some((tag) => tags.includes(tag)));
  const loads = everyLoad.filter(({ name }) => all || names.includes(name) || tags.includes(loadTag));
  // Each by its whole id: a pattern of one name would take those of a longer one that begins with it.
  const judged = new Set(found.map(({ name }) => `resilience/${name}`));
  const only = [
    ...checks().flatMap(({ id, observation }) => (judged.has(observation) ? [id] : [])),
    ...loads.map(({ only }) => only),
  ];
  if (only.length > 0) return { experiments: found, loads, only };
  throw new ResilienceError("E_BAD_INPUT", "chaos was given no experiment.", {
    cure: `Name some, or give --tag (${everyTag.join(", ")}) or --all. Experiments are: ${every.join(", ")}.`,
    exitCode: exitCodes.badInput,
  });
}

function refuseUnknown(given: string, known: readonly string[], what: string): void {
  if (known.includes(given)) return;
  throw new ResilienceError("E_BAD_INPUT", `There is no ${what} ${given}; nearest is ${closest(given, known)}.`, {
    cure: `One of: ${known.join(", ")}.`,
    exitCode: exitCodes.badInput,
  });
}
