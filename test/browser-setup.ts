import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

/** Debian's browser, of no registry of its own, and a font that has the reports' signs. */
const packages = ["chromium", "fonts-dejavu-core"];

/** Gives every browser test Debian's Chromium: installed by apt-get where it is not there, as an engine is for container tests (SPROCKET_PROVISION=never forbids it). */
export async function setup(): Promise<void> {
  if (existsSync(chromiumPath)) return;
  if (process.env.SPROCKET_PROVISION === "never" || process.getuid?.() !== 0)
    throw new Error(
      `There is no ${chromiumPath}, and this run may not install it. As root: apt-get install --no-install-recommends ${packages.join(" ")}.`,
    );
  process.stderr.write(`browser: none here; installing ${packages.join(", ")} with apt-get\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Another apt may hold dpkg's lock for a while; lists that cannot be renewed may still do.
  const patience = ["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0"];
  const apt = (...args: string[]) => promisify(execFile)("apt-get", [...patience, ...args], { env });
  await apt("update", "-qq").catch(() => {});
  await apt("install", "-y", "-qq", "--no-install-recommends", ...packages);
}

export const chromiumPath = "/usr/bin/chromium";
