import { type ReferenceProfile, referenceCandidate } from "../candidate/reference/reference.ts";
import type { Candidate } from "../candidate/types.ts";
import { imageFor } from "../engine/images/index.ts";
import { kernelFacts, presence } from "../engine/provision/kernel.ts";
import { type ImageOffer, type ReplicaPlan, substitute } from "../substitute/plan.ts";

/** The candidate that a command line names. */
export function loadCandidate(_name: "reference", profile: ReferenceProfile): Candidate {
  return referenceCandidate(profile);
}

/** Answers for an image reference from the catalogue. */
function offer(reference: string): ImageOffer | undefined {
  const entry = imageFor(reference);
  if (!entry) return undefined;
  const source = entry.kind === "stand-in" ? "stand-in" : "recipe";
  return { name: entry.name, source, ...(entry.substitution ? { substitution: entry.substitution } : {}) };
}

/** Substitutes a candidate for this machine. */
export async function planFor(candidate: Candidate): Promise<ReplicaPlan> {
  const facts = await kernelFacts();
  const ipvs = presence(facts, "IP_VS", "ip_vs");
  return substitute(candidate, offer, { ipvs: ipvs === "built in" || ipvs === "module" });
}
