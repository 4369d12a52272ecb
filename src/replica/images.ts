import type { ReplicaPlan } from "../substitute/plan.ts";

/** What a tailnet is made of, beside the agent's image. */
export const tailnetImages: readonly string[] = ["headscale", "derper", "tailscale"];

/** Catalogue names of the images that a plan's replica needs: services, parties, the harness's own, and those of a tailnet where one is asked for. */
export function imagesOf(plan: ReplicaPlan, { tailnet = false } = {}): string[] {
  const services = plan.services.filter((service) => !service.image.own).map((service) => service.image.name);
  return [...new Set([...services, ...plan.partyImages, ...(tailnet ? tailnetImages : [])])];
}

/** The candidate's own images, each once. */
export function ownImagesOf(plan: ReplicaPlan): { name: string; reference: string }[] {
  const own = new Map(
    plan.services.flatMap(({ image }) => (image.own ? [[image.name, { name: image.name, reference: image.own.reference }]] : [])),
  );
  return [...own.values()];
}
