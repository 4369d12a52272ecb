import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { KnownTarget } from "../../src/load/known-target.ts";
import { buildGo } from "../engine/agent-binary.ts";

/** Builds the target whose truth is known from this checkout, as its image does. */
export const buildTarget = () =>
  buildGo(fileURLToPath(new URL("../../fixtures/images/known-target/build/", import.meta.url)), "known-target");

export function startTarget(path: string): KnownTarget {
  const { stdin, stdout } = spawn(path, { stdio: ["pipe", "pipe", "inherit"] });
  return new KnownTarget({ stdin, stdout });
}
