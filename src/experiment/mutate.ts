import { randomInt } from "node:crypto";
import { loadSuites } from "../../suites/index.ts";
import type { Candidate } from "../candidate/types.ts";
import { checks } from "../check/check.ts";
import type { VerdictDocument } from "../check/verdict.ts";
import { type ExitCode, exitCodes } from "../history/errors.ts";
import { observations } from "../probe/observation.ts";
import { loadCandidate } from "./candidate.ts";
import { draw } from "./draw.ts";
import { type GateOptions, runGate } from "./gate.ts";
import { mutationNamed, mutations } from "./mutations/index.ts";
import type { Mutation } from "./mutations/mutation.ts";

/** What `mutate` is told. */
export interface MutateCommandOptions extends Omit<GateOptions, "only" | "mutation" | "keepOnFail" | "deadlineMs" | "retain"> {
  names: string[];
  count: number;
  list: boolean;
}

export interface MutateOutcome {
  exitCode: ExitCode;
  document: object;
  text: string;
}

/** One mutation with its evidence: the run in which its check is green, and the one in which it is red. */
interface Row {
  mutation: string;
  what: string;
  check: string;
  /** Of the check in the mutated run; "absent" when that run did not judge it. */
  verdict: string;
  reason: string;
  /** Recorded fault that a finding of the mutated run names, where the mutation is one. */
  cause?: string;
  /** Checks that should have stayed green and did not. */
  alsoRed: string[];
  /** First line of the mutated run's reports. */
  firstLine: string;
  controlRun: string;
  control: string;
  redRun: string;
  exitCode: number;
  /** The check is green in the control, red in the mutated run, that run failed, names the cause, and shows it nowhere else. */
  shown: boolean;
}

/**
 * Shows of mutations that the check meant for each can fail: one green control of all the checks involved, then each mutation in a gate of its own, one
 * after another. Exit code 1 when a check stayed green, or was not green before.
 */
export async function runMutate(options: MutateCommandOptions): Promise<MutateOutcome> {
  await loadSuites();
  const seed = options.seed ?? randomInt(0, 2 ** 32 - 1);
  if (options.list) return listed();
  const chosen = options.names.length > 0 ? options.names.map(mutationNamed) : draw(mutations(), options.count, seed);
  const { candidate } = await loadCandidate(options.candidate, options);
  const gate = async (
    patterns: string[],
    change: { mutation?: string; variant?: string; experiments?: true },
  ): Promise<VerdictDocument> => {
    const { mutation, variant } = change;
    options.onProgress(
      mutation ? `mutate: ${mutation}` : `mutate: control of ${patterns.join(", ")}${variant ? ` (${variant})` : ""}`,
    );
    const { document } = await runGate({
      ...options,
      seed,
      only: patterns,
      keepOnFail: false,
      // Both runs of a row are its evidence, so none of this call may push another out.
      retain: 10_000,
      ...change,
    });
    options.signal.throwIfAborted();
    return document;
  };
  const controls: VerdictDocument[] = [];
  const rows: Row[] = [];
  // Each variant of the candidate is the control of its own mutations.
  for (const [variant, ofVariant] of Map.groupBy(chosen, ({ of }) => of)) {
    // Experiments and the gate's own checks are never in one run.
    for (const [hurts, group] of Map.groupBy(ofVariant, isOfExperiment)) {
      const patterns = [...new Set(group.flatMap((mutation) => patternsOf(mutation, candidate)))];
      const experiments = hurts ? ({ experiments: true } as const) : {};
      const control = await gate(patterns, { ...(variant === undefined ? {} : { variant }), ...experiments });
      controls.push(control);
      for (const mutation of group) {
        const red = await gate(patternsOf(mutation, candidate), { mutation: mutation.name, ...experiments });
        rows.push(rowOf(mutation, control, red));
      }
    }
  }
  const shown = rows.every((row) => row.shown);
  return {
    exitCode: shown ? exitCodes.pass : exitCodes.fail,
    document: {
      format: "mutate",
      version: 2,
      seed,
      controls: controls.map((control) => ({ run: control.runId, verdict: control.verdict, cause: control.cause })),
      mutations: rows,
    },
    text: table(rows, controls, seed),
  };
}

function isOfExperiment({ reddens }: Mutation): boolean {
  const check = checks().find(({ id }) => id === reddens);
  return observations().some(({ id, experiment }) => experiment && id === check?.observation);
}

/** Checks that a gate can be limited to. What every run judges by itself (`up/…`, `run/…`) needs one that brings up the tier of its service. */
function patternsOf(mutation: Mutation, candidate: Candidate): string[] {
  if (mutation.only) return mutation.only;
  if (mutation.spares) return [mutation.reddens, ...mutation.spares];
  if (checks().some((check) => check.id === mutation.reddens)) return [mutation.reddens];
  const tier = candidate.services.find((service) => `up/${service.name}` === mutation.reddens)?.tier ?? "layer1";
  const upTo = new Map(observations().map((one) => [one.id, one.tier]));
  const quick = checks().find((check) => check.effect === "observe" && upTo.get(check.observation) === tier);
  if (!quick) throw new Error(`no check only observes in ${tier}, which ${mutation.reddens} needs`);
  return [quick.id];
}

function rowOf(mutation: Mutation, control: VerdictDocument, red: VerdictDocument): Row {
  const before = control.checks.find((check) => check.id === mutation.reddens);
  const after = red.checks.find((check) => check.id === mutation.reddens);
  const alsoRed = (mutation.spares ?? []).filter((id) => red.checks.find((check) => check.id === id)?.verdict !== "pass");
  const named = mutation.cause === undefined || causeNamed(mutation.cause, after?.reason ?? "", red);
  return {
    mutation: mutation.name,
    what: mutation.what,
    check: mutation.reddens,
    verdict: after?.verdict ?? "absent",
    reason: after?.reason ?? "",
    firstLine: red.cause,
    controlRun: control.runId,
    control: before?.verdict ?? "absent",
    redRun: red.runId,
    exitCode: red.exitCode,
    ...(mutation.cause ? { cause: named ? mutation.cause : `${mutation.cause} is not named` } : {}),
    alsoRed,
    shown:
      named &&
      alsoRed.length === 0 &&
      control.verdict === "pass" &&
      before?.verdict === "pass" &&
      after?.verdict === "fail" &&
      red.exitCode === exitCodes.fail,
  };
}

/** The failing check says the fault's id, and a finding explains it. */
function causeNamed(cause: string, reason: string, { findings }: VerdictDocument): boolean {
  return reason.includes(cause) && findings.some(({ rule }) => rule === `access/${cause.toLowerCase()}`);
}

function table(rows: Row[], controls: VerdictDocument[], seed: number): string {
  const failed = rows.filter((row) => !row.shown);
  return [
    ...controls.map((control) => `control ${control.runId}: ${control.verdict} (${control.cause})`),
    "",
    ...rows.flatMap((row) => [
      `${row.shown ? "red  " : "NOT  "} ${row.mutation}: ${row.what}`,
      `      ${row.check}: control ${row.control}, mutated ${row.verdict}${row.reason ? `: ${row.reason}` : ""}`,
      ...(row.cause ? [`      cause: ${row.cause}`] : []),
      ...(row.alsoRed.length > 0 ? [`      should have stayed green: ${row.alsoRed.join(", ")}`] : []),
      `      ${row.redRun}: ${row.firstLine}`,
    ]),
    "",
    failed.length === 0
      ? `${rows.length} of ${rows.length} mutations turned their check red (seed ${seed}).`
      : `${failed.length} of ${rows.length} mutations did not: ${failed.map((row) => row.mutation).join(", ")} (seed ${seed}).`,
    "",
  ].join("\n");
}

function listed(): MutateOutcome {
  const rows = mutations().map(({ name, what, reddens }) => ({ mutation: name, what, check: reddens }));
  const width = Math.max(0, ...rows.map((row) => row.mutation.length));
  return {
    exitCode: exitCodes.pass,
    document: { format: "mutate", version: 2, mutations: rows },
    text: `${rows.map((row) => `${row.mutation.padEnd(width)}  ${row.check}: ${row.what}`).join("\n")}\n`,
  };
}
