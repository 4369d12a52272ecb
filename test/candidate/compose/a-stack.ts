import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { importCompose } from "../../../src/candidate/compose/import.ts";
import type { DefinedService, Imported } from "../../../src/candidate/types.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

/** Imports stack files from their texts, in order, from a folder that also holds other files. */
export async function stack(texts: string | string[], others: Record<string, string> = {}): Promise<Imported> {
  const root = await temporaryFolder();
  for (const [path, content] of Object.entries(others)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  }
  const files: string[] = [];
  for (const [index, text] of [texts].flat().entries()) {
    const file = join(root, `${index + 1}.yaml`);
    await writeFile(file, text);
    files.push(file);
  }
  return await importCompose({ files, root });
}

/** The one service of a stack whose body is given, indented as it stands under its name. */
export async function service(
  body: string,
  rest = "",
): Promise<{ service: DefinedService; differences: Imported["differences"] }> {
  const { definition, differences } = await stack(`services:\n  it:\n    image: a\n${body.replace(/^/gm, "    ")}\n${rest}`);
  return { service: definition.services[0] as DefinedService, differences };
}
