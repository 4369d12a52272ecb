import { checks } from "../../../src/check/check.ts";
import { judgeHistory } from "../../../src/check/judge.ts";
import type { JudgedCheck } from "../../../src/check/verdict.ts";
import type { ExpectationSet } from "../../../src/history/access.ts";
import type { EventBody, Objective } from "../../../src/history/events.ts";
import type { ProbeKind, Sample, SampleError, SampleOf } from "../../../src/history/sample.ts";
import { historyOf, noSideFiles, observed, planned, responseOf, runStarted, service, up } from "../../check/a-history.ts";

/** Judges a hand-written history of one observation with the registered check of that id, as a run's would be. */
export function judgeOf(
  id: string,
  inside: EventBody[],
  more: { before?: EventBody[]; objectives?: Objective[]; dense?: Sample[]; expects?: ExpectationSet } = {},
): JudgedCheck & { findings: string[]; said: string[] } {
  const definition = checks().find((one) => one.id === id);
  if (!definition) throw new Error(`no suite registered ${id}`);
  const { judge: _, title: __, ...rest } = definition;
  // What is had or not had by the candidate as it is written does not come up.
  const needs = definition.needs.filter((need) => !/^(routes?|mode):/.test(need));
  const plannedOne = { ...rest, needs };
  const events = historyOf([
    runStarted,
    planned({
      services: needs.map((name) => service(name)),
      checks: [plannedOne],
      objectives: more.objectives ?? [],
      ...(more.expects ? { expects: more.expects } : {}),
    }),
    ...needs.flatMap((name) => up(name)),
    ...(more.before ?? []),
    ...observed(
      definition.observation,
      ...inside.map((body) => ("observation" in body ? { ...body, observation: definition.observation } : body) as EventBody),
    ),
  ]);
  const sideFile = more.dense ? () => more.dense as Sample[] : noSideFiles;
  const { checks: judged, findings } = judgeHistory(events, checks(), { sideFile });
  const found = judged.find((one) => one.id === id);
  if (!found) throw new Error(`${id} was not judged`);
  return { ...found, findings: findings.map((finding) => finding.rule), said: findings.map((finding) => finding.what) };
}

/** A sample of any probe; times do not matter to these judges. */
export function seen<K extends ProbeKind>(
  label: string,
  target: string,
  probe: K,
  more: Partial<Omit<SampleOf<K>, "probe">> & { vantage?: string } = {},
): EventBody {
  const { vantage = "public", ...rest } = more;
  const sample = { probe, due: 0, sent: 0, done: 1, phases: {}, ...rest } as unknown as Sample;
  return { type: "sample", observation: "", label, vantage, probe, target, sample };
}

export const http = (label: string, target: string, status: number, headers: Record<string, string> = {}, body = ""): EventBody =>
  seen(label, target, "http", { response: responseOf(status, headers, body) });

export const notFound = (label: string, target: string): EventBody =>
  http(label, target, 404, { "content-type": "text/plain; charset=utf-8", "content-length": "19" }, "404 page not found\n");

export const broken = (label: string, target: string, error: SampleError, probe: ProbeKind = "http"): EventBody =>
  seen(label, target, probe, { error });

export const told = (name: string, data: unknown): EventBody => ({ type: "fact", observation: "", name, data });
