import { troubleLine } from "../check/trouble.ts";
import { type HistoryEvent, type PlannedService, type Tier, tiers } from "../history/events.ts";
import { type ExperimentPhase, experimentFacts } from "../history/experiment.ts";
import { countFindings } from "./findings.ts";
import { duration, originWords, printable } from "./format.ts";
import type { Paint } from "./terminal.ts";

/** What an experiment does now, for who watches. */
const phaseWords: Record<ExperimentPhase, string> = {
  precondition: "looking whether anything of an earlier run is left",
  control: "proving a steady state",
  fault: "hurting",
  recovery: "waiting until everybody is served again",
  after: "looking on",
  ended: "over",
};

/** Where progress goes, and what it is. `columns` is asked anew at each redraw. */
export interface ProgressOutput {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** What the events so far say of the run, for redrawing. */
interface State {
  t: number;
  plan: PlannedService[];
  services: Map<string, { tier: Tier; state: string; since: number; created: number; ms?: number; why?: string }>;
  tiers: Map<Tier, { state: string; since: number; ms?: number }>;
  phases: Map<string, number>;
  running: Set<string>;
  observations: { ended: number; planned: number };
}

/**
 * Live progress of a run: subscribe `onEvent` to the writer's events, and call `end` after the last one. On a terminal the tiers and services are
 * redrawn in place with their times, above them stay the lines that matter later; elsewhere every step is one plain line.
 */
export class Progress {
  readonly #out: ProgressOutput;
  readonly #paint: Paint;
  readonly #state: State = {
    t: 0,
    plan: [],
    services: new Map(),
    tiers: new Map(),
    phases: new Map(),
    running: new Set(),
    observations: { ended: 0, planned: 0 },
  };
  #drawn = 0;
  #lastDraw = Number.NEGATIVE_INFINITY;
  #plannedObservations = new Set<string>();

  constructor(out: ProgressOutput, paint: Paint = (_style, text) => text) {
    this.#out = out;
    this.#paint = paint;
  }

  /** An arrow function, so that it can be handed to `HistoryWriter.onEvent`. */
  readonly onEvent = (event: HistoryEvent): void => {
    this.#note(event);
    const line = this.#lineOf(event);
    if (!this.#out.isTTY) {
      if (line !== undefined) this.#out.write(`${stamp(event.t)}  ${line}\n`);
      return;
    }
    const lasting = line !== undefined && lasts(event);
    // A burst of samples must not become a burst of redraws.
    if (!lasting && event.t - this.#lastDraw < 80) return;
    this.#lastDraw = event.t;
    this.#redraw(lasting ? [`${this.#paint("gray", stamp(event.t))}  ${line}`] : []);
  };

  /** Redraws with the time that has gone by, milliseconds since the run's start; for a timer while nothing happens. */
  tick(t: number): void {
    this.#state.t = Math.max(this.#state.t, t);
    if (this.#out.isTTY) this.#redraw([]);
  }

  /** Takes the redrawn lines away, or leaves the last state standing. */
  end(options: { keep?: boolean } = {}): void {
    if (!this.#out.isTTY) return;
    if (options.keep) this.#redraw([]);
    else this.#out.write(this.#erase());
    this.#drawn = 0;
  }

  #note(event: HistoryEvent): void {
    const state = this.#state;
    state.t = Math.max(state.t, event.t);
    switch (event.type) {
      case "planned":
        state.plan = event.services;
        for (const check of event.checks) this.#plannedObservations.add(check.observation);
        state.observations.planned = this.#plannedObservations.size;
        break;
      case "tier": {
        const before = state.tiers.get(event.tier);
        if (event.state === "creating") state.tiers.set(event.tier, { state: event.state, since: event.t });
        else
          state.tiers.set(event.tier, {
            state: event.state,
            since: before?.since ?? event.t,
            ms: event.t - (before?.since ?? event.t),
          });
        break;
      }
      case "service": {
        const before = state.services.get(event.service);
        const created = before?.created ?? event.t;
        state.services.set(event.service, {
          tier: event.tier,
          state: event.state,
          since: event.t,
          created,
          ...(event.state === "ready" ? { ms: event.t - created } : {}),
          ...(event.trouble ? { why: troubleLine(event.trouble) } : {}),
        });
        break;
      }
      case "phase":
        if (event.state === "started") state.phases.set(event.phase, event.t);
        else state.phases.delete(event.phase);
        break;
      case "observation":
        if (event.state === "started") state.running.add(event.observation);
        else {
          state.running.delete(event.observation);
          state.observations.ended += 1;
        }
        break;
    }
  }

  /** The event as one line, or nothing when no person wants to read it. */
  #lineOf(event: HistoryEvent): string | undefined {
    const state = this.#state;
    const paint = this.#paint;
    switch (event.type) {
      case "run-started":
        return `run ${event.runId}: ${event.command}, candidate ${event.candidate.name} (${event.candidate.origin ? originWords(event.candidate.origin) : event.candidate.profile}), seed ${event.seed}`;
      case "preflight": {
        const open = event.findings.filter((finding) => finding.severity !== "info");
        const said = open.map(
          (finding) => `; ${finding.severity}: ${printable(finding.what)}${finding.cure ? ` – ${printable(finding.cure)}` : ""}`,
        );
        return `preflight: Docker ${event.docker.version}, API ${event.docker.api}${said.join("")}`;
      }
      case "planned":
        return `planned: ${event.services.length} services, ${event.checks.length} checks, ${event.substitutions.length} substitutions, ${countFindings(event.findings, event.comparedWith)}`;
      case "phase":
        return `${event.phase} ${event.state}${event.detail ? `: ${printable(event.detail)}` : ""}`;
      case "image":
        return `image ${event.name}: ${event.source}, ${printable(event.got)}`;
      case "engine":
        return `engine: ${event.engine}, API ${event.api}, ${event.loadBalancing}`;
      case "party":
        return event.state === "failed"
          ? `${paint("red", "✘")} party ${event.party} failed${event.detail ? `: ${printable(event.detail)}` : ""}`
          : `party ${event.party} ${event.state}`;
      case "tier": {
        const tier = state.tiers.get(event.tier);
        return `tier ${event.tier} ${event.state}${tier?.ms === undefined ? "" : ` after ${duration(tier.ms)}`}`;
      }
      case "service": {
        const service = state.services.get(event.service);
        if (event.state === "ready")
          return `${paint("green", "✔")} ${event.tier}/${event.service} ready after ${duration(service?.ms ?? 0)}`;
        if (event.state === "not-ready")
          return `${paint("red", "✘")} ${event.tier}/${event.service} not ready: ${printable(service?.why ?? "")}`;
        return undefined;
      }
      case "observation":
        if (event.state === "started") return undefined;
        if (event.state === "skipped")
          return `${paint("yellow", "?")} ${event.observation} skipped${event.why ? `: ${printable(event.why)}` : ""}`;
        return `observed ${event.observation}${event.error ? `: ${printable(event.error)}` : ""}`;
      case "fact":
        if (event.name !== experimentFacts.phase) return undefined;
        return `${event.observation}: ${phaseWords[(event.data as { phase: ExperimentPhase }).phase]}`;
      case "fault":
        return `fault ${event.fault}: ${event.step}`;
      case "teardown":
        return `down after ${duration(event.durationMs)}${event.left.length > 0 ? `, left behind: ${event.left.join(", ")}` : ""}`;
      case "log":
        return `${event.level === "warning" ? paint("yellow", "warning: ") : ""}${printable(event.text)}`;
      case "run-ended":
        return `run ${event.reason}${event.detail ? `: ${printable(event.detail)}` : ""}`;
      default:
        return undefined;
    }
  }

  #redraw(above: string[]): void {
    const lines = this.#board().map((line) => cutToWidth(line, this.#out.columns ?? 80));
    this.#out.write(`${this.#erase()}${above.map((line) => `${line}\n`).join("")}${lines.map((line) => `${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }

  #erase(): string {
    return this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A\u001b[0J`;
  }

  #board(): string[] {
    const { t, plan, services, phases, running, observations } = this.#state;
    const lines: string[] = [];
    for (const tier of tiers) {
      const planned = plan.filter((service) => service.tier === tier && service.source !== "not-reproduced");
      if (planned.length === 0) continue;
      const known = this.#state.tiers.get(tier);
      const time = known === undefined ? "waits" : duration(known.ms ?? t - known.since);
      const mark =
        known?.state === "ready"
          ? this.#paint("green", "✔")
          : known?.state === "red"
            ? this.#paint("red", "✘")
            : known
              ? "…"
              : " ";
      const of = planned.map((service) => {
        const life = services.get(service.name);
        if (!life) return this.#paint("gray", service.name);
        if (life.state === "ready") return `${this.#paint("green", "✔")} ${service.name} ${duration(life.ms ?? 0)}`;
        if (life.state === "not-ready") return `${this.#paint("red", "✘")} ${service.name}`;
        return `… ${service.name} ${duration(t - life.created)}`;
      });
      lines.push(`${mark} ${tier.padEnd(9)} ${time.padEnd(8)} ${of.join("  ")}`);
    }
    const now = [...phases.keys()].at(-1) ?? "";
    const busy =
      running.size > 0 ? `  ${[...running].slice(0, 3).join(", ")}${running.size > 3 ? ` +${running.size - 3}` : ""}` : "";
    lines.push(
      `  ${duration(t)}  ${now}${observations.planned > 0 ? `  observed ${observations.ended} of ${observations.planned}` : ""}${busy}`,
    );
    return lines;
  }
}

/** What stays on the screen above the board: what a person scrolls back for. */
function lasts(event: HistoryEvent): boolean {
  switch (event.type) {
    case "run-started":
    case "preflight":
    case "planned":
    case "tier":
    case "fault":
    case "log":
    case "teardown":
    case "image":
      return true;
    case "service":
      return event.state === "not-ready";
    case "party":
      return event.state === "failed";
    case "observation":
      return event.error !== undefined || event.state === "skipped";
    default:
      return false;
  }
}

function stamp(t: number): string {
  return `${(t / 1000).toFixed(1).padStart(6)} s`;
}

/** A line that wraps breaks the redrawing: cut it by what is seen, without cutting a colour in two. */
function cutToWidth(line: string, columns: number): string {
  let seen = 0;
  let kept = "";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
  for (const part of line.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith("\u001b[")) {
      kept += part;
      continue;
    }
    const room = Math.max(0, columns - 1 - seen);
    kept += part.length > room ? `${part.slice(0, Math.max(0, room - 1))}${room > 0 ? "…" : ""}` : part;
    seen += Math.min(part.length, room);
  }
  return kept;
}
