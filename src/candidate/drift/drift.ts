import { imageName } from "../findings/image.ts";
import type { PulumiExport } from "../pulumi-state/export.ts";
import { namesById, stateServices } from "../pulumi-state/services.ts";
import type { Candidate, CandidateService } from "../types.ts";
import { candidateView } from "./candidate-view.ts";
import { type FieldValue, plainName, type ServiceView } from "./view.ts";

/** What runs, as one look at a Swarm has it. */
export interface Running {
  services: ServiceView[];
  /** Services of the candidate that were to be brought up; of any other it says nothing. */
  brought: ReadonlySet<string>;
  /** Service → fields that the replica changed on purpose; they are shown, and are no drift. */
  substituted: ReadonlyMap<string, ReadonlySet<string>>;
}

/** One field that the sources do not say alike, or of which nobody can tell. A source that was not given, or does not speak of the service, is absent. */
export interface DriftRow {
  service: string;
  /** The field's name, or "service" when a whole service is in one source and not in another. */
  field: string;
  says: "differs" | "unknown";
  candidate?: string;
  export?: string;
  running?: string;
  /** What runs was changed on purpose, so it was left out of the comparison. */
  substitution?: true;
}

export interface Drift {
  rows: DriftRow[];
  /** What makes an export doubtful: operations that never ended, resources that wait to be removed, names that two resources share. */
  notes: string[];
  /** How many services were compared. */
  services: number;
}

type Source = "candidate" | "export" | "running";
const sources: readonly Source[] = ["candidate", "export", "running"];
const unset = "not set";
/** Longer texts are compared as they are. */
const longest = 100_000;
const unknownSecret = "unknown (secret)";

/** A text without the suffixes of services that are known. */
type Plain = (text: string) => string;

/** Of one service: what each source says; undefined is a source that does not speak of it, null one that does not have it. */
type Sides = Record<Source, ServiceView | null | undefined>;

/**
 * What a candidate, exports of its stacks and a running system say differently, service by service and field by field. Services are the same when their names
 * are, without the suffix that Pulumi adds. Pure. An export speaks of the services of its own stack alone.
 */
export function drift(candidate: Candidate, exports: readonly PulumiExport[], running?: Running): Drift {
  const notes: string[] = [];
  const recorded = recordedServices(exports, notes);
  const asked = byName(candidate.services.map(candidateView), "the candidate", notes);
  const runs = byName(running?.services ?? [], "the running system", notes);
  const byPlain = new Map(candidate.services.map((service) => [plainName(service.name), service]));
  const names = [...new Set([...asked.keys(), ...recorded.keys(), ...runs.keys()])];
  const inScope = scopeOf(candidate, exports);
  const brought = running && new Set([...running.brought].map(plainName));

  const known = new Set(names);
  /** Addresses in values name services with their suffixes too. */
  const unsuffixed = (text: string) =>
    text.length > longest
      ? text
      : text.replace(/[A-Za-z][\w-]{0,200}-[0-9a-f]{7}\b/g, (met) => (known.has(plainName(met)) ? plainName(met) : met));

  const rows = names.flatMap((name) => {
    const service = byPlain.get(name);
    const sides: Sides = {
      candidate: asked.get(name) ?? null,
      export: recorded.get(name) ?? (exports.length > 0 && (!service || inScope(service)) ? null : undefined),
      running: runs.get(name) ?? (running && (!service || brought?.has(name)) ? null : undefined),
    };
    const substituted = running?.substituted.get(service?.name ?? name) ?? new Set<string>();
    return serviceRows(service?.name ?? name, sides, substituted, unsuffixed);
  });
  return { rows, notes, services: names.length };
}

function recordedServices(exports: readonly PulumiExport[], notes: string[]): Map<string, ServiceView> {
  const names = namesById(exports);
  const all: ServiceView[] = [];
  for (const state of exports) {
    const of = state.stack === "" ? state.file : `stack ${state.project}/${state.stack}`;
    const { services, deleting } = stateServices(state, names);
    all.push(...services);
    for (const { operation, urn } of state.pending) notes.push(`${of}: nobody knows how ${operation} of ${urn} ended.`);
    for (const { name } of deleting) notes.push(`${of}: service ${name} is marked for deletion and may still run.`);
    if (state.resources.length === 0) notes.push(`${of}: records no resource at all.`);
  }
  return byName(all, "the exports", notes);
}

function byName(views: readonly ServiceView[], source: string, notes: string[]): Map<string, ServiceView> {
  const known = new Map<string, ServiceView>();
  for (const view of views) {
    const name = plainName(view.name);
    const first = known.get(name);
    if (first)
      notes.push(`${source}: ${first.name} and ${view.name} have one name without Pulumi's suffix; compared is the first.`);
    else known.set(name, view);
  }
  return known;
}

/** Whether an export ought to have a service: it is of that stack by name or by place. Where no service is of any exported stack, names say nothing, and all are. */
function scopeOf(candidate: Candidate, exports: readonly PulumiExport[]): (service: CandidateService) => boolean {
  const of = (service: CandidateService) =>
    exports.some(
      ({ stack, project }) =>
        stack !== "" &&
        (service.place?.startsWith(`urn:pulumi:${stack}::${project}::`) ||
          [stack, project, `${project}/${stack}`].includes(service.stack)),
    );
  return candidate.services.some(of) ? of : () => true;
}

function serviceRows(name: string, sides: Sides, substituted: ReadonlySet<string>, plain: Plain): DriftRow[] {
  const speaking = sources.filter((source) => sides[source] !== undefined);
  if (speaking.length < 2) return [];
  const missing = speaking.some((source) => sides[source] === null);
  const rows: DriftRow[] = [];
  if (missing) {
    const there = { candidate: "defined", export: "recorded", running: "runs" };
    const row: DriftRow = { service: name, field: "service", says: "differs" };
    for (const source of speaking) row[source] = sides[source] === null ? "missing" : there[source];
    rows.push(row);
  }
  const having = speaking.filter((source) => sides[source] !== null);
  if (having.length < 2) return rows;
  const fields = new Set(having.flatMap((source) => [...(sides[source]?.fields.keys() ?? [])]));
  for (const field of fields) {
    const row = fieldRow(name, field, sides, having, substituted.has(field), plain);
    if (row) rows.push(row);
  }
  return rows;
}

function fieldRow(
  service: string,
  field: string,
  sides: Sides,
  having: readonly Source[],
  substituted: boolean,
  plain: Plain,
): DriftRow | undefined {
  const values = new Map(having.map((source) => [source, fieldOf(sides[source] as ServiceView, field)]));
  const compared = [...values].filter(([source]) => !(substituted && source === "running")).map(([, value]) => value);
  const differs = compared.some((one, index) => compared.slice(index + 1).some((other) => !same(field, one, other, plain)));
  const doubtful = compared.length > 1 && compared.some((one) => one?.kind === "secret" || one?.kind === "opaque");
  if (!differs && !doubtful) return undefined;
  // What one source keeps secret is shown of none.
  const hide = [...values.values()].some((value) => value?.kind === "secret" || (value?.kind === "text" && value.hide));
  const row: DriftRow = { service, field, says: differs ? "differs" : "unknown" };
  for (const [source, value] of values) row[source] = shown(value, hide);
  if (substituted && values.has("running")) row.substitution = true;
  return row;
}

function fieldOf(view: ServiceView, field: string): FieldValue | undefined {
  if (view.opaque.some((prefix) => field.startsWith(prefix))) return { kind: "opaque" };
  return view.fields.get(field);
}

/** Whether two values may be the same: what cannot be known differs only from what is not set at all. */
function same(field: string, one: FieldValue | undefined, other: FieldValue | undefined, plain: Plain): boolean {
  if (one?.kind === "opaque" || other?.kind === "opaque") return true;
  if (one === undefined || other === undefined) return one === other;
  if (one.kind === "secret" || other.kind === "secret") return true;
  if (field === "image") return sameImage(one.text, other.text);
  const names = new Set([one.text, ...(one.also ?? [])].map(plain));
  return [other.text, ...(other.also ?? [])].some((text) => names.has(plain(text)));
}

/** A digest decides where both have one; Swarm adds one to what it was asked for. Which tag a digest without one was, nobody can know. */
function sameImage(one: string, other: string): boolean {
  const [a, b] = [imageName(one), imageName(other)];
  if (a.digest !== undefined && b.digest !== undefined) return a.digest === b.digest;
  const untagged = [a, b].some(({ tag, digest }) => tag === undefined && digest !== undefined);
  return untagged ? repositoryOf(one) === repositoryOf(other) : one.split("@")[0] === other.split("@")[0];
}

/** A reference without its tag and digest; a colon before the last slash belongs to a registry's port. */
const repositoryOf = (reference: string) => (reference.split("@")[0] as string).replace(/:[^/]*$/, "");

function shown(value: FieldValue | undefined, hide: boolean): string {
  if (value === undefined) return unset;
  if (value.kind === "secret") return unknownSecret;
  if (value.kind === "opaque") return "unknown";
  return hide ? "set, and not shown" : value.text;
}
