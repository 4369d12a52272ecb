import { closest } from "fastest-levenshtein";
import { clientRoute } from "../candidate/contract/client-routes.ts";
import { entryRoutes } from "../candidate/contract/entry-routes.ts";
import type { ExternalParties, Role } from "../candidate/types.ts";
import { type CheckDefinition, checks } from "../check/check.ts";
import { exitCodes, ResilienceError } from "../history/errors.ts";
import { type PlannedCheck, type Tier, tiers } from "../history/events.ts";
import { type AskedNeed, isServiceNeed, type Need, type ObservationDefinition, observations } from "../probe/observation.ts";
import type { ReplicaPlan } from "../substitute/plan.ts";

/** What a run will look at: checks by id pattern, the observations that they judge, and the highest tier that these need. */
export interface Selection {
  observations: ObservationDefinition[];
  checks: PlannedCheck[];
  notApplicable: { check: string; why: string }[];
  upTo: Tier;
  /** Whether something of it looks from a tailnet, which is brought up only then. */
  tailnet: boolean;
  /** Whether something of it needs a data disk of the node's own, which a node has only then. */
  dataDisk: boolean;
}

/** Why what a replica has only for whoever asks is not there; nothing where it is, or will be for whoever asks. */
export type Lacking = Partial<Record<AskedNeed, string>>;
const everyEffect = ["observe", "write", "disrupt"] as const;

/** Which checks a command may run. */
export interface Among {
  effects?: readonly string[];
  /** Experiments, or everything but those (the default). */
  experiments?: boolean;
}

/**
 * Chooses checks whose id matches one of the patterns (`*` for any part; none = all) and whose subjects the candidate has.
 * @param lacking why checks that need it are not applicable
 */
export function select(plan: ReplicaPlan, only: string[] | undefined, among: Among = {}, lacking: Lacking = {}): Selection {
  const wanted = matcher(only);
  const known = new Map(observations().map((one) => [one.id, one]));
  const nameOf = new Map(
    plan.candidate.services.flatMap((service) => (service.role ? [[service.role, service.name] as const] : [])),
  );
  const chosen: CheckDefinition[] = [];
  const asked = new Set<Need>();
  const notApplicable: { check: string; why: string }[] = [];
  for (const check of checks()) {
    if (!wanted(check.id) || !isAmong(check, among)) continue;
    const wants = new Set<Need>([...(known.get(check.observation)?.needs ?? []), ...(check.needs as Role[])]);
    const missing = [...wants].filter((need) => !has(plan, need));
    // What is not there has no way to it either: one reason is enough.
    const without = missing.filter((need) => !missing.some((other) => need === `route:${other}`));
    const [why] = [...wants].flatMap((need) => lacking[need as AskedNeed] ?? []);
    if (without.length > 0)
      notApplicable.push({ check: check.id, why: `the candidate has no ${without.map(inWords).join(", no ")}` });
    else if (why !== undefined) notApplicable.push({ check: check.id, why });
    else {
      chosen.push(check);
      for (const need of wants) asked.add(need);
    }
  }
  const used = new Set(chosen.map((check) => check.observation));
  const selected = observations().filter((one) => used.has(one.id));
  const highest = Math.max(0, ...[...selected, ...chosen].map((one) => tiers.indexOf(one.tier)));
  return {
    observations: selected,
    checks: chosen.map(({ id, observation, tier, service, effect, needs, speaksOf }) => ({
      id,
      observation,
      tier,
      service: nameOf.get(service as Role) ?? service,
      effect,
      needs: needs.filter(isServiceNeed).map((role) => nameOf.get(role as Role) ?? role),
      speaksOf,
    })),
    notApplicable,
    upTo: only ? (tiers[highest] ?? "platform") : "platform",
    tailnet: asked.has("mode:tailscale"),
    dataDisk: asked.has("node:data-disk"),
  };
}

/** Whether the candidate, as it is written, has what an observation needs. */
function has({ candidate, notReproduced, issuance }: ReplicaPlan, need: string): boolean {
  const [kind, name] = need.includes(":") ? (need.split(":") as [string, string]) : ["role", need];
  if (need === "party:acme") return issuance !== undefined;
  if (kind === "party") return candidate.parties[name as keyof ExternalParties] !== undefined;
  if (kind === "route") return clientRoute(candidate, name as Role) !== undefined;
  // Made for whoever asks for it.
  if (kind === "mode" || kind === "node") return true;
  if (kind === "routes")
    return entryRoutes(candidate).some(
      ({ service }) => service.tier === name && !notReproduced.some((one) => one.name === service.name),
    );
  return candidate.services.some((service) => service.role === name);
}

function inWords(need: string): string {
  if (need === "party:acme") return "resolver whose challenge an ACME server could validate";
  const [kind, name] = need.split(":");
  if (kind === "route") return `route to ${name}`;
  return kind === "routes" ? `HTTP route to a service of ${name}` : need;
}

/** Refuses a pattern that matches no check, with the nearest id, before anything starts. */
export function refuseUnmatched(only: string[] | undefined, among: Among = {}): void {
  const { effects = everyEffect } = among;
  const ids = checks().flatMap((one) => (isAmong(one, among) ? [one.id] : []));
  for (const pattern of only ?? []) {
    if (ids.some(matcher([pattern]))) continue;
    throw new ResilienceError(
      "E_BAD_INPUT",
      `--only ${pattern} matches no check${effects.length === everyEffect.length ? "" : ` that only ${effects.join("s or ")}s`}; nearest is ${closest(pattern, ids)}.`,
      {
        cure: `Checks are: ${ids.join(", ")}; * stands for any part.`,
        exitCode: exitCodes.badInput,
      },
    );
  }
}

function isAmong({ effect, observation }: CheckDefinition, { effects = everyEffect, experiments = false }: Among): boolean {
  const isExperiment = observations().some((one) => one.id === observation && one.experiment);
  return effects.includes(effect) && isExperiment === experiments;
}

function matcher(only: string[] | undefined): (id: string) => boolean {
  if (!only || only.length === 0) return () => true;
  const expressions = only.map(
    (pattern) =>
      new RegExp(
        `^${pattern
          .split("*")
          .map((part) => RegExp.escape(part))
          .join(".*")}$`,
      ),
  );
  return (id) => expressions.some((expression) => expression.test(id));
}

/** HTTP hosts that clients can be routed to once Traefik has seen their services; `resolver`: it is told where to get a certificate. */
export function routedHosts(plan: ReplicaPlan): { service: string; host: string; tls: boolean; resolver: boolean }[] {
  const running = new Set(plan.services.map((service) => service.candidate.name));
  return entryRoutes(plan.candidate)
    .filter(({ service }) => running.has(service.name))
    .map(({ service, host, route }) => ({ service: service.name, host, tls: route.tls, resolver: route.resolver !== undefined }));
}
