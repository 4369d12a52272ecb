import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { exportCompose } from "../../../src/candidate/compose/export.ts";
import { importCompose } from "../../../src/candidate/compose/import.ts";
import { derive } from "../../../src/candidate/derive/derive.ts";
import { candidateHash } from "../../../src/candidate/hash.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

async function imported(text: string) {
  const root = await temporaryFolder();
  const file = join(root, "stack.yaml");
  await writeFile(file, text);
  return await importCompose({ files: [file], root });
}

it("the exported reference, imported again, has the reference's hash and no difference", async () => {
  const reference = referenceCandidate();
  const { definition, differences } = await imported(exportCompose(reference));
  const again = derive(definition);
  expect(differences).toEqual([]);
  expect({ ...again, services: again.services.map(({ place: _, ...service }) => service) }).toMatchObject({
    ...reference,
    origin: { kind: "compose", files: ["stack.yaml"] },
    services: reference.services,
  });
  expect(candidateHash(again)).toBe(candidateHash(reference));
});
