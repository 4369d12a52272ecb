#!/usr/bin/env node
// Plain JavaScript that an old Node can still read: its only work is to say so, and else to start dist/ (packed) or src/ (a checkout).
import { existsSync } from "node:fs";
import module from "node:module";

const major = Number(process.versions.node.split(".")[0]);
if (major < 24) {
  process.stderr.write(
    "E_NODE_VERSION: sprocket-resilience needs Node 24 or newer, and this is Node " +
      process.versions.node +
      ".\ncure: run `npm install --save-dev node@24` here and call it through npm or npx, which put that Node first on PATH.\n",
  );
  process.exitCode = 3;
} else {
  // Compiled and type-stripped code is kept in the temporary folder: the next start is quicker, and never loads the stripper (docs/measuring.md).
  module.enableCompileCache();
  // V8 lets the young generation grow to 67 MB, almost all of it garbage, and its limit is read at start only: the process replaces itself (same pid).
  const young = "--max-semi-space-size=2";
  const long = ["gate", "up", "verify", "bench", "mutate"].includes(process.argv[2]);
  if (long && process.execve && !process.execArgv.some((flag) => flag.startsWith("--max-semi-space-size"))) {
    process.execve(process.execPath, [process.execPath, ...process.execArgv, young, ...process.argv.slice(1)], process.env);
  }
  const source = new URL("../src/cli/main.ts", import.meta.url);
  const entry = existsSync(source) ? source : new URL("../dist/src/cli/main.js", import.meta.url);
  await import(entry.href);
}
