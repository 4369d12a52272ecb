import { describe, expect, it } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { Secrets } from "../../src/replica/secrets.ts";

const candidate = referenceCandidate();

describe("Secrets", () => {
  it("gives every secret of the candidate a value of its shape, another one each time", () => {
    const [one, other] = [Secrets.generate(candidate.secrets), Secrets.generate(candidate.secrets)];
    for (const { name, shape } of candidate.secrets) {
      expect(one.get(name)).toMatch(new RegExp(`^[A-Za-z0-9]{${shape.length}}$`));
      expect(one.get(name)).not.toBe(other.get(name));
    }
  });

  it("makes a secret that is made of others from their values", () => {
    const shape = { length: 8, alphabet: "hex" as const };
    const secrets = Secrets.generate([
      { name: "url", shape, content: "postgres://user:${secret:password}@host" },
      { name: "password", shape },
    ]);
    expect(secrets.get("url")).toBe(`postgres://user:${secrets.get("password")}@host`);
  });

  it("fills placeholders, and refuses one that names no secret", () => {
    const secrets = Secrets.from({ password: "p" });
    expect(secrets.fill("a ${secret:password} b ${secret:password}")).toBe("a p b p");
    expect(() => secrets.fill("${secret:other}")).toThrow(/no secret other/);
  });
});
