import type { ReplicaPlan } from "../substitute/plan.ts";

/** Names of the images that a plan's replica needs: services, parties, the harness's own. */
export function imagesOf(plan: ReplicaPlan): string[] {
  return [...new Set([...plan.services.map((service) => service.image.name), ...plan.partyImages])];
}
