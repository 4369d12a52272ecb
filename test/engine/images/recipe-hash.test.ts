import { describe, expect, it } from "vitest";
import { entryNamed } from "../../../src/engine/images/catalogue.ts";
import { artifactKey, layerKey, recipeHash } from "../../../src/engine/images/recipe-hash.ts";

const { recipe } = entryNamed("traefik");

describe("recipeHash", () => {
  it("is twelve hexadecimal digits, the same each time", () => {
    expect(recipeHash(recipe)).toMatch(/^[0-9a-f]{12}$/);
    expect(recipeHash(recipe)).toBe(recipeHash(structuredClone(recipe)));
  });

  it("changes with packages, artifact inputs, arguments that the Dockerfile uses, folder and versions", () => {
    const app = entryNamed("app-core").recipe;
    const changed = [
      recipeHash(recipe),
      recipeHash({ ...recipe, packages: [...recipe.packages, "less"] }),
      recipeHash({ ...recipe, artifacts: {} }),
      recipeHash({ ...recipe, folder: "k6" }),
      recipeHash({ ...recipe, versions: { traefik: "2.11.1" } }),
      recipeHash(app),
      recipeHash({ ...app, args: { APP: "web" } }),
    ];
    expect(new Set(changed).size).toBe(changed.length);
  });

  it("does not depend on the order of packages, nor on how long a build takes", () => {
    expect(layerKey(["b", "a"])).toBe(layerKey(["a", "b"]));
    expect(recipeHash({ ...recipe, coldSeconds: 1 })).toBe(recipeHash(recipe));
  });

  it("leaves an artifact's key alone when only the Dockerfile or packages change, so that nothing is compiled again", () => {
    const artifact = recipe.artifacts?.BUILT;
    if (artifact === undefined) throw new Error("traefik has an artifact");
    expect(artifactKey(artifact)).toBe(artifactKey(structuredClone(artifact)));
    expect(artifactKey({ ...artifact, inputs: [{ from: "fixtures/images/vault/build", to: "" }] })).not.toBe(
      artifactKey(artifact),
    );
  });
});
