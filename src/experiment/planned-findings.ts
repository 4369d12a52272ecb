import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { documentedFindings } from "../candidate/expectations/index.ts";
import { staticFindings } from "../candidate/findings/index.ts";
import type { Candidate } from "../candidate/types.ts";
import type { Finding } from "../history/events.ts";
import { runName } from "./run-folder.ts";

/** The newest earlier run of a candidate, and the findings that it had. */
export interface PreviousRun {
  runId: string;
  findings: Pick<Finding, "rule" | "place" | "what">[];
}

/** What is read of an earlier run's verdict.json, whatever version wrote it. */
const verdictPart = z.object({
  runId: z.string(),
  candidate: z.object({ name: z.string(), profile: z.string(), mutation: z.string().optional() }),
  /** Empty for a run that ended before it had planned anything. */
  services: z.array(z.unknown()).min(1),
  findings: z.array(z.object({ rule: z.string(), place: z.string(), what: z.string() })),
});

/** A verdict.json larger than this is not one of ours. */
const mostBytes = 64 * 1024 ** 2;

/**
 * The newest run in a folder that planned the same candidate, changed by the same mutation or none, and wrote its verdict; files that are none are passed over.
 * Names of runs begin with their time, so the newest is the last by name.
 */
export function previousRun(
  runsDir: string,
  candidate: { name: string; profile: string; mutation?: string | undefined },
): PreviousRun | undefined {
  if (!existsSync(runsDir)) return undefined;
  const names = readdirSync(runsDir).filter((name) => runName.test(name));
  for (const name of names.sort().reverse()) {
    const verdict = verdictOf(join(runsDir, name, "verdict.json"));
    if (!verdict) continue;
    const of = verdict.candidate;
    if (of.name !== candidate.name || of.profile !== candidate.profile || of.mutation !== candidate.mutation) continue;
    return { runId: verdict.runId, findings: verdict.findings };
  }
  return undefined;
}

function verdictOf(path: string): z.infer<typeof verdictPart> | undefined {
  try {
    if (statSync(path).size > mostBytes) return undefined;
    const parsed = verdictPart.safeParse(JSON.parse(readFileSync(path, "utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The findings of a candidate as it is written, for `planned`: each that the earlier run did not have, word for word, is marked; a first run has nothing to compare with. */
export function plannedFindings(
  candidate: Candidate,
  previous: PreviousRun | undefined,
): { findings: Finding[]; comparedWith?: string } {
  const findings = [...staticFindings(candidate), ...promised(candidate)];
  if (!previous) return { findings };
  const known = new Set(previous.findings.map(keyOf));
  return {
    findings: findings.map((finding) => (known.has(keyOf(finding)) ? finding : { ...finding, since: "new" as const })),
    comparedWith: previous.runId,
  };
}

/** What the documents promise and the definition does not give. A part of the reference leaves services out on purpose, which is nobody's mistake. */
function promised(candidate: Candidate): Finding[] {
  const part = candidate.origin.kind === "reference" && candidate.profile !== "full";
  return documentedFindings(candidate).filter(({ rule }) => !part || rule !== "documented/service-missing");
}

/** Pulumi's suffixes name the same thing again. */
function keyOf({ rule, place, what }: PreviousRun["findings"][number]): string {
  return JSON.stringify([rule, place, what]).replaceAll(/-[0-9a-f]{7}\b/g, "");
}
