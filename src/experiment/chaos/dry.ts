import { kindOf } from "../../fault/kinds.ts";
import { clientLabel, type ExperimentDefinition, type LedgerUse, type Meanwhile } from "../../history/experiment.ts";
import type { Load } from "./choose.ts";

/** What an experiment would do, step by step, without doing it. */
export function dryText(definitions: readonly ExperimentDefinition[], loads: readonly Load[]): string {
  const texts = [...definitions.map(oneText), ...loads.map(({ name, does }) => `${name}: ${does}`)];
  return `${texts.join("\n\n")}\n`;
}

/** The same for programs. */
export function dryDocument(definitions: readonly ExperimentDefinition[], loads: readonly Load[]): object {
  return {
    format: "chaos-plan",
    version: 1,
    experiments: definitions.map((definition) => ({
      ...definition,
      steps: definition.faults.map(({ fault }) => kindOf(fault).words(fault)),
    })),
    loads: loads.map(({ name, does }) => ({ name, does })),
  };
}

function oneText(one: ExperimentDefinition): string {
  const seconds = (ms: number) => `${ms / 1000} s`;
  return [
    `${one.name}: ${one.title}`,
    `  why: ${one.why}`,
    ...one.faults.map(({ fault, afterMs, holdMs }, at) => {
      const when = afterMs ? `${seconds(afterMs)} later, ` : "";
      const held = holdMs ? `, for ${seconds(holdMs)}` : "";
      return `  step ${at + 1}: ${when}${kindOf(fault).words(fault)}${held}`;
    }),
    `  watched: ${one.victims.map(clientLabel).join(", ")}; must be served again within the objective ${one.objective}`,
    `  must not notice: ${one.bystanders.map(clientLabel).join(", ") || "nobody is watched"}`,
    ...(one.meanwhile ?? []).map((held) => `  meanwhile: ${meanwhileText(held)} (${held.source})`),
    `  may end: ${one.mayEnd.join(", ") || "no task"}; a task of any other service that ends stops it`,
    ...(one.ledger
      ? [
          `  ledger: ${one.ledger.store}, a write every ${one.ledger.everyMs} ms, may lose ${lossText(one.ledger.mayLose)} (${one.ledger.source})`,
        ]
      : []),
  ].join("\n");
}

function lossText(mayLose: LedgerUse["mayLose"]): string {
  if (typeof mayLose === "number") return mayLose === 0 ? "nothing" : `${mayLose} writes`;
  return `what was acknowledged in the ${mayLose.acknowledgedWithinMs / 1000} s before the fault`;
}

function meanwhileText({ client, answersWithinMs, badAtMost }: Meanwhile): string {
  const parts = [
    ...(answersWithinMs === undefined ? [] : [`is answered within ${answersWithinMs / 1000} s, well or not`]),
    ...(badAtMost === undefined ? [] : [`gets at most ${badAtMost * 100} % bad answers`]),
  ];
  return `${client} ${parts.join(" and ")}`;
}
