import { describe, expect, it } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { type ImageOffer, plannedServices, substitute } from "../../src/substitute/plan.ts";

const candidate = referenceCandidate();
const offerAll = (reference: string): ImageOffer => ({ name: reference, source: "recipe" });

describe("substitute", () => {
  it("changes nothing of a service's own definition", () => {
    const plan = substitute(candidate, offerAll, { ipvs: true });
    expect(plan.services.map((service) => service.candidate)).toEqual(candidate.services);
  });

  it("keeps virtual addresses where the kernel has IPVS, and lists their loss where it has not", () => {
    const kept = substitute(candidate, offerAll, { ipvs: true });
    const lost = substitute(candidate, offerAll, { ipvs: false });
    const modes = (plan: typeof kept) =>
      Object.fromEntries(plan.services.map((service) => [service.candidate.role, service.endpointMode]));
    expect(modes(kept)).toMatchObject({ vault: "vip", rabbitmq: "dnsrr" });
    expect(modes(lost)).toMatchObject({ vault: "dnsrr", rabbitmq: "dnsrr" });
    expect(kept.substitutions.filter((one) => one.kind === "endpoint-mode")).toEqual([]);
    expect(lost.substitutions.find((one) => one.kind === "endpoint-mode")).toMatchObject({
      asked: "vip",
      got: "dnsrr",
      hides: ["virtual-address"],
    });
  });

  it("says of a service that can be neither had nor stood in for that it is not reproduced", () => {
    const plan = substitute(candidate, (reference) => (reference.startsWith("vault") ? undefined : offerAll(reference)), {
      ipvs: true,
    });
    expect(plan.notReproduced.map((service) => service.name)).toEqual(["vault"]);
    expect(plannedServices(plan).find((service) => service.name === "vault")?.source).toBe("not-reproduced");
  });

  it("lists an image's difference with what it hides, a stand-in as one", () => {
    const plan = substitute(
      candidate,
      (reference) => ({
        name: reference,
        source: reference.includes("/core@") ? "stand-in" : "recipe",
        substitution: { asked: reference, got: "ours", why: "private", hides: ["core-internals"] },
      }),
      { ipvs: true },
    );
    expect(
      plan.substitutions.find((one) => one.subject === "service:prod-sprocket-core-service" && one.kind === "stand-in"),
    ).toMatchObject({
      got: "ours",
      hides: ["core-internals"],
    });
    expect(plan.substitutions.filter((one) => one.kind === "version")).toHaveLength(candidate.services.length - 1);
  });

  it("orders planned services by tier", () => {
    const order = plannedServices(substitute(candidate, offerAll, { ipvs: true })).map((service) => service.tier);
    expect(order).toEqual([...order].sort());
  });
});
