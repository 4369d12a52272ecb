import { readFile } from "node:fs/promises";

/** Version of this package. The build copies package.json beside dist/src, so the relative place holds there as well. */
export async function version(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
