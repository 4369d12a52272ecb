import type { ReplicaPlan } from "../substitute/plan.ts";

/** Catalogue names of the images that a plan's replica needs: services, parties, the harness's own. */
export function imagesOf(plan: ReplicaPlan): string[] {
  const services = plan.services.filter((service) => !service.image.own).map((service) => service.image.name);
  return [...new Set([...services, ...plan.partyImages])];
}

/** The candidate's own images, each once. */
export function ownImagesOf(plan: ReplicaPlan): { name: string; reference: string }[] {
  const own = new Map(
    plan.services.flatMap(({ image }) => (image.own ? [[image.name, { name: image.name, reference: image.own.reference }]] : [])),
  );
  return [...own.values()];
}
