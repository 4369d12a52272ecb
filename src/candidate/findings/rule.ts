import type { Finding } from "../../history/events.ts";
import type { Candidate, CandidateService } from "../types.ts";

/** One thing that is wrong in many definitions: what is looked for, and what to do about it. Pure: the same candidate, the same findings. */
export interface StaticRule {
  id: `static/${string}`;
  /** What the rule finds, as a heading. */
  title: string;
  cure: string;
  find(candidate: Candidate): Finding[];
}

/** A finding of a rule at a place of the candidate. */
export function found(rule: Pick<StaticRule, "id" | "cure">, place: string, what: string, cure = rule.cure): Finding {
  return { rule: rule.id, place, what, cure };
}

type Kind = "service" | "network" | "volume" | "config" | "secret";

/** Where an item stands: its place in the definition where the importer knows it, else what and which it is. */
export function placeOf(kind: Kind, item: { name: string; place?: string }): string {
  return item.place ?? `${kind}:${item.name}`;
}

/** The candidate's Traefik, by its role or its image. */
export function traefikOf(candidate: Candidate): CandidateService | undefined {
  return (
    candidate.services.find((service) => service.role === "traefik") ??
    candidate.services.find((service) => /(?:^|\/)traefik(?:[:@]|$)/.test(service.image))
  );
}

/** Names in a sentence: all of a few, else the first ones and how many more. */
export function list(names: readonly string[], most = 6): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most).join(", ")} and ${names.length - most} more`;
}
