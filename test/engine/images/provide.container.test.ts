import { afterEach, describe, expect, it, vi } from "vitest";
import { planImage, policyFromEnvironment, provideImages } from "../../../src/engine/images/provide.ts";
import type { ImageProgress } from "../../../src/engine/images/types.ts";
import { docker } from "./running.ts";

afterEach(() => vi.unstubAllEnvs());

describe("policies", () => {
  it("reads SPROCKET_IMAGES and refuses other words", () => {
    expect(policyFromEnvironment(undefined)).toBe("auto");
    expect(policyFromEnvironment("local")).toBe("local");
    expect(() => policyFromEnvironment("yes")).toThrow(expect.objectContaining({ code: "E_BAD_INPUT", exitCode: 3 }));
  });

  it("has the image once, then finds it, and the plan says both", async () => {
    const seen: ImageProgress[] = [];
    const [first] = await provideImages(docker, ["dns"], { policy: "build", onProgress: (progress) => seen.push(progress) });
    const [second] = await provideImages(docker, ["dns"], { policy: "local", onProgress: () => undefined });
    expect(second).toMatchObject({ id: first?.id, tag: first?.tag, origin: "present", source: "recipe", name: "dns" });
    expect(seen.at(0)).toMatchObject({ name: "dns", phase: "look" });
    expect(seen.at(-1)).toMatchObject({ name: "dns", phase: "done" });
    expect(await planImage(docker, "dns", "local")).toEqual({ name: "dns", image: first?.tag, source: "recipe", present: true });
  });

  it("ends with E_IMAGE_ABSENT under `local` when the image is not there", async () => {
    // Same recipe under a name that nothing has built: the catalogue's entry with a version nobody has.
    vi.resetModules();
    const { entryNamed } = await import("../../../src/engine/images/catalogue.ts");
    entryNamed("dns").recipe.versions.dnsmasq = "never built";
    const fresh = await import("../../../src/engine/images/provide.ts");
    await expect(fresh.provideImages(docker, ["dns"], { policy: "local", onProgress: () => undefined })).rejects.toMatchObject({
      code: "E_IMAGE_ABSENT",
      cure: expect.stringContaining("images load"),
    });
    expect(await fresh.planImage(docker, "dns", "build")).toMatchObject({ present: false, source: "recipe" });
  });

  it("stops at once when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("interrupted"));
    await expect(provideImages(docker, ["dns"], { policy: "build", onProgress: () => undefined, signal })).rejects.toThrow(
      "interrupted",
    );
  });
});
