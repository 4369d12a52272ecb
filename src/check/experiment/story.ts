import type { EventOf } from "../../history/events.ts";
import {
  type Abort,
  type ClientUse,
  clientLabel,
  type ExperimentDefinition,
  type ExperimentPhase,
  experimentFacts,
  heldMs,
  type OrchestratorEvent,
} from "../../history/experiment.ts";
import { type Judgement, NotSeen, type Seen } from "../check.ts";
import { onAgentClock } from "../clock.ts";

/** Moments of the runner's clock, milliseconds since the run began. */
export interface Moments {
  /** The first fault was announced: nothing that came before it can be its doing. */
  announced: number;
  /** An independent look saw the first fault bite. */
  effect: number;
  /** The last fault was removed; of a crash, the moment that its effect was seen. */
  removed: number;
}

/** What an experiment declared and how far it came. */
export interface Story {
  definition: ExperimentDefinition;
  /** Name of the service or party that it is about, as the candidate has it. */
  service: string;
  /** Absent when no fault was seen to bite. */
  moments?: Moments;
  aborted?: Abort;
  phases: Partial<Record<ExperimentPhase, number>>;
  /** What the orchestrator said, with the moment of the runner's clock at which it said so. */
  said: (OrchestratorEvent & { t: number })[];
}

export function storyOf(seen: Seen, observation: string): Story {
  const definition = seen.fact<ExperimentDefinition>(experimentFacts.definition);
  const phases: Story["phases"] = {};
  const said: Story["said"] = [];
  let service: string = definition.service;
  for (const event of seen.history) {
    if (event.type === "planned") service = event.checks.find((one) => one.observation === observation)?.service ?? service;
    if (event.type !== "fact" || event.observation !== observation) continue;
    if (event.name === experimentFacts.phase) phases[(event.data as { phase: ExperimentPhase }).phase] ??= event.t;
    if (event.name === experimentFacts.orchestrator) {
      const one = event.data as OrchestratorEvent;
      // The node and the runner are on one machine, so both wall clocks are one.
      said.push({ ...one, t: event.t + Date.parse(one.saidAt) - Date.parse(event.at) });
    }
  }
  const seenMoments = momentsOf(seen.faults());
  // A crash is over as soon as it is seen; that this is recorded a moment later makes it no fault that was held.
  const moments = seenMoments && heldMs(definition) === 0 ? { ...seenMoments, removed: seenMoments.effect } : seenMoments;
  const aborted = seen.facts<Abort>(experimentFacts.aborted).at(-1);
  return { definition, service, phases, said, ...(moments ? { moments } : {}), ...(aborted ? { aborted } : {}) };
}

export function momentsOf(faults: readonly EventOf<"fault">[]): Moments | undefined {
  const intent = faults.find(({ step }) => step === "intent");
  const effect = faults.find(({ step }) => step === "effect-seen");
  if (!intent || !effect) return undefined;
  const removed = faults.findLast(({ step }) => step === "removed");
  return { announced: intent.t, effect: effect.t, removed: removed?.t ?? effect.t };
}

/** The moments, or why nothing can be said of what came after them. */
export function hurtOf({ moments, aborted }: Story): Moments {
  if (moments) return moments;
  if (aborted) throw new NotSeen(`it was ended before anything was hurt (${aborted.guard}): ${aborted.why}`);
  throw new NotSeen("no fault was seen to bite");
}

/** On which agent's clock a client's samples are: those inside the node are all its one agent's. */
export function agentOf({ from }: Pick<ClientUse, "from">): string {
  return from === "localhost" || from.startsWith("inside:") ? "node" : from;
}

/** A moment on the clock of a client's samples: nanoseconds, and how far from the truth they may be. */
export function onClientClock(seen: Seen, client: Pick<ClientUse, "from">, t: number): { atNs: number; errorNs: number } {
  return onAgentClock(seen.history, agentOf(client), t);
}

/** A client's samples. @throws NotSeen when there are none: that proves nothing */
export function samplesOf(seen: Seen, client: ClientUse): EventOf<"sample">[] {
  const samples = seen.samples(clientLabel(client));
  if (samples.length === 0) throw new NotSeen(`no sample of ${clientLabel(client)} was recorded`);
  return samples;
}

/** What passed in an experiment that a guardrail ended early is not known: the fault was not held as declared, nor everybody waited for. What failed until then did. */
export function asFarAsItWent({ aborted }: Story, judged: Judgement): Judgement {
  if (!aborted || judged.verdict !== "pass") return judged;
  const { measured: _, ...rest } = judged;
  return {
    ...rest,
    verdict: "unknown",
    reason: `ended by a guardrail (${aborted.guard}): ${aborted.why}; until then: ${judged.reason}`,
  };
}
