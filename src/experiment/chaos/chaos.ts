import { loadSuites } from "../../../suites/index.ts";
import { type ExitCode, exitCodes } from "../../history/errors.ts";
import { type GateOptions, runGate } from "../gate.ts";
import { chosen, type Wanted } from "./choose.ts";
import { dryDocument, dryText } from "./dry.ts";
import { hurtKept } from "./kept.ts";

/** What `chaos` is told. */
export interface ChaosOptions extends Omit<GateOptions, "only" | "experiments"> {
  wanted: Wanted;
  /** Shows targets and steps, and does nothing. */
  dry: boolean;
  /** Run id of a kept replica to hurt, instead of one of its own. */
  on?: string;
}

export interface ChaosOutcome {
  exitCode: ExitCode;
  document: object;
  text: string;
}

/** Runs experiments, one after another, on a replica of its own or on a kept one. */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  await loadSuites();
  const { experiments, loads, only } = chosen(options.wanted);
  if (options.dry)
    return { exitCode: exitCodes.pass, document: dryDocument(experiments, loads), text: dryText(experiments, loads) };
  if (options.on !== undefined) return await hurtKept({ ...options, only, on: options.on });
  return await runGate({ ...options, only, experiments: true });
}
