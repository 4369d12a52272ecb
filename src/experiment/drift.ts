import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Drift, drift, type Running } from "../candidate/drift/drift.ts";
import { swarmView } from "../candidate/drift/swarm-view.ts";
import { mostBytes, type PulumiExport, readExport } from "../candidate/pulumi-state/export.ts";
import { openEngine } from "../engine/provision/open.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import { tiers } from "../history/events.ts";
import { attachSwarm } from "../replica/attach.ts";
import { theKept } from "../replica/kept.ts";
import type { DriftDocument } from "../report/documents.ts";
import { plural, printable } from "../report/format.ts";
import type { ReplicaService } from "../substitute/plan.ts";
import { type CandidateSource, type LoadOptions, loadCandidate } from "./candidate.ts";

/** What `drift` is told. */
export interface DriftOptions extends Omit<LoadOptions, "provision"> {
  candidate: CandidateSource;
  /** Files that `pulumi stack export` wrote: as they were given, and where they are. */
  exports: { given: string; path: string }[];
  /** Run id of a kept replica. */
  run?: string;
  runsDir: string;
}

export interface DriftOutcome {
  exitCode: 0 | 1;
  document: DriftDocument;
  text: string;
}

/** Holds a candidate against what was recorded and what runs. Reads only: files, and a kept replica's Swarm by its API. */
export async function runDrift(options: DriftOptions): Promise<DriftOutcome> {
  const { candidate } = await loadCandidate(options.candidate, { ...options, provision: "never" });
  const exports = options.exports.map(readFile);
  const running = options.run === undefined ? undefined : await whatRuns(options.run, options);
  const found = drift(candidate, exports, running);
  const document: DriftDocument = {
    format: "drift",
    version: 1,
    candidate: { name: candidate.name, profile: candidate.profile },
    exports: exports.map(({ file, project, stack, time, resources }) => ({
      file,
      project,
      stack,
      ...(time === undefined ? {} : { time }),
      resources: resources.length,
    })),
    ...(options.run === undefined ? {} : { running: options.run }),
    services: found.services,
    rows: found.rows,
    notes: found.notes,
  };
  const differs = found.rows.some((row) => row.says === "differs");
  return { exitCode: differs ? exitCodes.fail : exitCodes.pass, document, text: driftText(document, found) };
}

function readFile({ given, path }: DriftOptions["exports"][number]): PulumiExport {
  const { size } = statSync(path);
  if (size > mostBytes)
    throw new ResilienceError("E_STATE_SIZE", `${given} should be at most ${mostBytes} bytes, but it has ${size}.`, {
      cure: "Export one stack.",
      exitCode: exitCodes.badInput,
    });
  return readExport(readFileSync(path, "utf8"), given);
}

async function whatRuns(run: string, options: DriftOptions): Promise<Running> {
  const { docker } = await openEngine({ provision: "never", onProgress: options.onProgress, signal: options.signal });
  const { swarm, plan, upTo } = await attachSwarm(docker, join(options.runsDir, await theKept(docker, run)));
  const { specs, networks } = await swarm.specs();
  const brought = plan.services.filter((service) => tiers.indexOf(service.candidate.tier) <= tiers.indexOf(upTo));
  return {
    services: specs.map((spec) => swarmView(spec, networks)),
    brought: new Set(brought.map((service) => service.candidate.name)),
    substituted: new Map(brought.map((service) => [service.candidate.name, substitutedFields(service)])),
  };
}

/** Fields of a service that a replica changes on purpose, as the views of drift name them. */
function substitutedFields({ candidate, endpointMode, logDriver, extraEnv, extraConfigs }: ReplicaService): Set<string> {
  const options = { ...candidate.logDriver?.options, ...logDriver.options };
  return new Set([
    "image",
    "log driver",
    ...Object.keys(options).map((name) => `log option ${name}`),
    ...(endpointMode === candidate.endpointMode ? [] : ["endpoint mode"]),
    ...Object.keys(extraEnv).map((name) => `environment ${name}`),
    ...extraConfigs.map(({ target }) => `config ${target}`),
  ]);
}

const longest = 70;

/** Rows by service, one line a field; long values are cut, `--json` has them whole. */
function driftText({ rows, notes, services, exports, running }: DriftDocument, found: Drift): string {
  const against = [...exports.map(({ file }) => file), ...(running === undefined ? [] : [`run ${running}`])].join(", ");
  const differing = found.rows.filter((row) => row.says === "differs");
  const unknown = rows.length - differing.length;
  const lines = [
    `${plural(services, "service")} compared with ${against}: ${differing.length === 0 ? "no drift" : `${plural(differing.length, "field")} of ${plural(new Set(differing.map((row) => row.service)).size, "service")} differ`}.`,
  ];
  for (const [service, mine] of Map.groupBy(differing, (row) => row.service)) {
    lines.push("", short(service));
    for (const row of mine) {
      const said = (["candidate", "export", "running"] as const)
        .filter((source) => row[source] !== undefined)
        .map((source) => `${source} ${short(row[source] ?? "")}`);
      lines.push(`  ${short(row.field)}: ${said.join(" | ")}${row.substitution ? " (changed on purpose)" : ""}`);
    }
  }
  if (unknown > 0)
    lines.push("", `${plural(unknown, "field")} cannot be compared, since a source keeps the value secret; --json names them.`);
  if (notes.length > 0) lines.push("", "Also said by the exports", ...notes.map((note) => `  ${printable(note)}`));
  return `${lines.join("\n")}\n`;
}

function short(text: string): string {
  const line = printable(text).replace(/\s+/g, " ");
  return line.length > longest ? `${line.slice(0, longest - 3)}...` : line;
}
