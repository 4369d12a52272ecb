import { expect, it } from "vitest";
import { needs, olderThan, preflight, requireEngine } from "../../../src/engine/provision/preflight.ts";

it("looks at a machine with an engine: one finding or more for every need, and the engine itself", async () => {
  const met = await preflight({
    need: needs,
    provision: "never",
    onProgress: () => {},
    images: async () => [
      { name: "here", present: true },
      { name: "absent", present: false },
    ],
  });
  const byId = new Map(met.findings.map((finding) => [finding.id, finding]));
  for (const id of ["node", "ports", "docker", "swarm", "storage-driver", "cgroup", "disk", "memory", "images"])
    expect([...byId.keys()]).toContain(id);
  expect(byId.get("images")?.what).toBe("1 of 2 images are here; missing: absent.");
  expect(byId.get("docker")?.what).toContain(met.engine?.version);
  expect(met.findings.filter((finding) => finding.severity !== "info").every((finding) => finding.cure)).toBe(true);
});

it("asks the registry through the engine, within its bound", async () => {
  // A port of this machine that nothing listens on: refused at once, and no registry is met.
  const began = performance.now();
  const met = await preflight({
    need: ["images", "registry"],
    provision: "never",
    onProgress: () => {},
    images: async () => [{ name: "x", reference: "127.0.0.1:9/x:1", present: false }],
  });
  expect(met.findings.find((finding) => finding.id === "registry")).toMatchObject({
    severity: "warning",
    what: expect.stringContaining("127.0.0.1:9/x:1"),
    cure: expect.stringContaining("images load"),
  });
  expect(performance.now() - began).toBeLessThan(4000);
});

it("one error is enough to refuse the engine, with that error's cure", async () => {
  const met = await preflight({ need: ["docker"], provision: "never", onProgress: () => {} });
  expect(requireEngine({ ...met, findings: [] })).toBe(met.engine);
  const full = { id: "disk", severity: "error", what: "The disk is full.", cure: "Free some." } as const;
  expect(() => requireEngine({ ...met, findings: [full] })).toThrow(
    expect.objectContaining({ code: "E_PREFLIGHT", message: "The disk is full.", cure: "Free some.", exitCode: 4 }),
  );
});

it("compares versions by number", () => {
  expect(["1.41", "1.9", "2.0", "1.50", "1.40"].map((version) => olderThan(version, "1.41"))).toEqual([
    false,
    true,
    false,
    false,
    true,
  ]);
});
