import { describe, expect, it } from "vitest";
import { derive } from "../../../src/candidate/derive/derive.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import { asDefinition } from "./as-definition.ts";

describe("derive on the reference read as a definition", () => {
  const reference = referenceCandidate();
  const derived = derive(asDefinition(reference));

  it("finds every role, tier and need that the reference has by hand", () => {
    const table = (candidate: typeof reference) =>
      candidate.services.map(({ name, role, tier, needs }) => ({ name, role, tier, needs }));
    expect(table(derived)).toEqual(table(reference));
  });

  it("finds the domain and the host resources", () => {
    expect(derived.domain).toBe(reference.domain);
    expect(derived.host).toEqual(reference.host);
  });

  it("finds both parties, but for the database that only a service outside the profile is told of", () => {
    const { postgres, s3 } = reference.parties;
    expect(derived.parties).toEqual({
      postgres: { ...postgres, databases: ["sprocket_main"] },
      s3: { ...s3, buckets: [...(s3?.buckets ?? [])].sort() },
    });
  });

  it("adds no secret and changes nothing that was written", () => {
    expect(derived.secrets).toEqual(reference.secrets);
    expect(asDefinition(derived)).toEqual(asDefinition(reference));
  });
});
