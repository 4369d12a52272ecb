import { expect, it } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { withDataDisk } from "../../src/substitute/data-disk.ts";
import { substitute } from "../../src/substitute/plan.ts";

/** Where the disk of a candidate lies whose volumes are bound to these folders, the rest being plain. */
function diskOf(...devices: (string | undefined)[]): string | undefined {
  const candidate = structuredClone(referenceCandidate("core"));
  const plan = substitute(candidate, (name) => ({ name, source: "recipe" }), { ipvs: true });
  const volumes = devices.map((device, at) => ({
    name: `volume-${at}`,
    driver: "local",
    driverOpts: (device === undefined ? {} : { type: "none", o: "bind", device }) as Record<string, string>,
  }));
  const { node, substitutions, services } = withDataDisk({ ...plan, volumes });
  expect(services).toEqual(plan.services);
  expect(substitutions.slice(0, -1)).toEqual(plan.substitutions);
  expect(substitutions.at(-1)).toMatchObject({ kind: "host-resource", hides: expect.arrayContaining(["disk-size"]) });
  expect(substitutions.at(-1)?.got).toContain(`${(node.dataDisk?.bytes ?? 0) / 2 ** 20} MiB`);
  return node.dataDisk?.at;
}

it("lies one above the folders that volumes are bound to, so that each has a place beside it", () => {
  expect(diskOf("/mnt/data/rabbitmq")).toBe("/mnt/data");
  expect(diskOf("/mnt/data/rabbitmq", "/mnt/data/loki", undefined)).toBe("/mnt/data");
  expect(diskOf("/mnt/data", "/mnt/data/loki")).toBe("/mnt");
  expect(diskOf("/mnt/data/", "/mnt/data-2/loki")).toBe("/mnt");
});

it("holds all volumes where none is bound to a folder, or where these have only the root in common", () => {
  expect(diskOf(undefined, undefined)).toBe("volumes");
  expect(diskOf()).toBe("volumes");
  expect(diskOf("/data", undefined)).toBe("volumes");
  expect(diskOf("/mnt/data", "/srv/data")).toBe("volumes");
});
