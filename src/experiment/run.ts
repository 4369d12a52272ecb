import { randomInt } from "node:crypto";
import { mkdirSync } from "node:fs";
import { arch, cpus, platform, totalmem } from "node:os";
import { join } from "node:path";
import type Dockerode from "dockerode";
import { disasterObjectives, objectives } from "../candidate/objectives.ts";
import { checks } from "../check/check.ts";
import { judgeHistory } from "../check/judge.ts";
import { judgeVersion, type VerdictDocument } from "../check/verdict.ts";
import { type ImageProgress, type ProvidedImage, provideImages, provideOwnImages } from "../engine/images/index.ts";
import { preflight, requireEngine } from "../engine/provision/preflight.ts";
import type { Reached } from "../engine/provision/reach.ts";
import type { ExpectationSet } from "../history/access.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import { type CandidateOrigin, type HistoryEvent, historySchema, type Tier } from "../history/events.ts";
import { readHistory, sideFiles } from "../history/reader.ts";
import { Redactor } from "../history/redactor.ts";
import { HistoryWriter } from "../history/writer.ts";
import { imagesOf, ownImagesOf } from "../replica/images.ts";
import { scanForSecrets, type WrittenReports, writeReports } from "../report/write-reports.ts";
import { plannedServices, type ReplicaPlan } from "../substitute/plan.ts";
import { readBaseline } from "./baseline-file.ts";
import { type PreviousRun, plannedFindings, previousRun } from "./planned-findings.ts";
import { productVersion } from "./product-version.ts";
import { newRunId, removeOldRuns } from "./run-folder.ts";
import type { Selection } from "./selection.ts";

/** What a run is told, whatever command began it. */
export interface RunSettings {
  command: string;
  provision: "auto" | "never";
  images: "auto" | "pull" | "build" | "local";
  runsDir: string;
  retain: number;
  seed?: number;
  signal: AbortSignal;
  onProgress: (line: string) => void;
  mutation?: string;
  /** A named form of the candidate that it was changed to before anything else. */
  variant?: string;
  /** Which expectation set decides how access modes are judged. */
  expects?: ExpectationSet;
  /** Of an imported candidate. */
  origin?: CandidateOrigin;
}

/** A run from its folder to its verdict: the history and its writer, the secrets it hides, the engine it uses. */
export class Run {
  readonly id: string;
  readonly folder: string;
  readonly history: HistoryWriter;
  readonly redactor: Redactor;
  readonly settings: RunSettings;
  readonly #previous: PreviousRun | undefined;

  private constructor(fields: {
    id: string;
    folder: string;
    history: HistoryWriter;
    redactor: Redactor;
    settings: RunSettings;
    previous: PreviousRun | undefined;
  }) {
    this.id = fields.id;
    this.folder = fields.folder;
    this.history = fields.history;
    this.redactor = fields.redactor;
    this.settings = fields.settings;
    this.#previous = fields.previous;
  }

  static async open(settings: RunSettings, plan: ReplicaPlan, onEvent: (event: HistoryEvent) => void): Promise<Run> {
    const id = newRunId();
    const folder = join(settings.runsDir, id);
    mkdirSync(settings.runsDir, { recursive: true });
    // Before old runs go: the one to compare with may be among them.
    const previous = previousRun(settings.runsDir, { ...plan.candidate, mutation: settings.mutation });
    removeOldRuns(settings.runsDir, Math.max(0, settings.retain - 1));
    const redactor = new Redactor();
    const history = await HistoryWriter.open(folder, { redact: redactor.redact });
    history.onEvent(onEvent);
    history.append({
      type: "run-started",
      schema: historySchema,
      runId: id,
      command: settings.command,
      seed: settings.seed ?? randomInt(0, 2 ** 32 - 1),
      product: productVersion(),
      judge: judgeVersion,
      machine: { os: platform(), arch: arch(), cores: cpus().length, memoryBytes: totalmem(), node: process.versions.node },
      candidate: {
        name: plan.candidate.name,
        profile: plan.candidate.profile,
        hash: plan.hash,
        ...(settings.variant ? { variant: settings.variant } : {}),
        ...(settings.mutation ? { mutation: settings.mutation } : {}),
        ...(settings.origin ? { origin: settings.origin } : {}),
      },
    });
    return new Run({ id, folder, history, redactor, settings, previous });
  }

  /** Looks at the machine, provides an engine, and says what is planned: every check's id is in the history before anything starts. */
  async plan(plan: ReplicaPlan, selection: Selection): Promise<Reached> {
    const met = await preflight({
      need: ["node", "docker", "swarm", "disk", "memory"],
      provision: this.settings.provision,
      onProgress: this.settings.onProgress,
      signal: this.settings.signal,
    });
    const engine = requireEngine(met);
    this.history.append({
      type: "preflight",
      docker: { version: engine.version, api: engine.api },
      findings: met.findings.map(({ id, severity, what, cure }) => ({ id, severity, what, ...(cure ? { cure } : {}) })),
    });
    this.history.append({
      type: "planned",
      services: plannedServices(plan).filter((service) => tierIndex(service.tier) <= tierIndex(selection.upTo)),
      checks: selection.checks,
      substitutions: plan.substitutions,
      ...plannedFindings(plan.candidate, this.#previous),
      objectives: [...objectives, ...(selection.observations.some(({ experiment }) => experiment) ? disasterObjectives : [])],
      baseline: readBaseline(),
      notApplicable: selection.notApplicable,
      ...(this.settings.expects ? { expects: this.settings.expects } : {}),
    });
    return engine;
  }

  /** Has the images that the plan needs, and records each. */
  async images(docker: Dockerode, plan: ReplicaPlan, more: { tailnet?: boolean } = {}): Promise<ProvidedImage[]> {
    this.history.append({ type: "phase", phase: "images", state: "started" });
    const options = this.#imageOptions();
    const images = [
      ...(await provideImages(docker, imagesOf(plan, more), options)),
      ...(await provideOwnImages(docker, ownImagesOf(plan), options)),
    ];
    for (const { name, tag, id, sizeBytes, source, origin, asked, got } of images) {
      this.history.append({ type: "image", name, tag, id, sizeBytes, source, origin, asked, got });
    }
    this.history.append({ type: "phase", phase: "images", state: "ended" });
    return images;
  }

  /** Has images of the harness itself, which no plan names. */
  helperImages(docker: Dockerode, names: string[]): Promise<ProvidedImage[]> {
    return provideImages(docker, names, this.#imageOptions());
  }

  #imageOptions() {
    let lastLine = 0;
    return {
      policy: this.settings.images,
      signal: this.settings.signal,
      onProgress: (step: ImageProgress) => {
        if (step.phase === "look" || performance.now() - lastLine < 2000) return;
        lastLine = performance.now();
        this.settings.onProgress(
          `image ${step.name}: ${step.phase}, ${Math.round(step.seconds)} s${step.line ? `: ${step.line.slice(0, 100)}` : ""}`,
        );
      },
    };
  }

  /** Whether all that was judged of the candidate so far passes; what the run itself promises is known only after its end. */
  async passedSoFar(): Promise<boolean> {
    await this.history.flush();
    const checks = judgeFolder(this.folder).verdict.checks.filter((check) => check.tier !== "run");
    return checks.every((check) => check.verdict !== "fail" && (check.verdict !== "unknown" || check.accepted !== undefined));
  }

  /** Ends the history, judges it as `judge` would later, writes the reports; a secret of the run in our own artifacts fails it. */
  async finish(): Promise<{ verdict: VerdictDocument; events: readonly HistoryEvent[]; reports: WrittenReports }> {
    await this.history.close();
    const outcome = judgeFolder(this.folder);
    const reports = writeReports(this.folder, outcome.verdict, outcome.events, { sideFile: outcome.sideFile });
    const leaks = scanForSecrets(this.folder, this.redactor.secrets());
    if (leaks.length > 0) {
      const where = [...new Set(leaks.map((leak) => `${leak.name} in ${leak.file}:${leak.line}`))].join(", ");
      throw new ResilienceError("E_SECRET_IN_ARTIFACT", `No secret may stand in a run's artifacts, but ${where} does.`, {
        cure: `Delete ${this.folder}; report this with the names above: it is a defect of sprocket-resilience.`,
        exitCode: exitCodes.fail,
      });
    }
    return { ...outcome, reports };
  }
}

/** Judges a run's folder from its history and side files alone. */
export function judgeFolder(folder: string) {
  const { events } = readHistory(folder);
  const sideFile = sideFiles(folder, events);
  return { verdict: judgeHistory(events, checks(), { sideFile }), events, sideFile };
}

function tierIndex(tier: Tier): number {
  return ["layer1", "layer2", "platform"].indexOf(tier);
}
