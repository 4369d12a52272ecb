import { spawn } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import type { VerdictDocument } from "../src/check/verdict.ts";

/**
 * Runs gates of the healthy reference, one after another, and adds a row for each to docs/false-alarms.md, green or not: whatever is red there is a false alarm.
 * `npm run healthy-gates -- [N]`
 */
const count = Number(process.argv[2] ?? 1);
const bin = fileURLToPath(new URL("../bin/sprocket-resilience.mjs", import.meta.url));
const table = fileURLToPath(new URL("../docs/false-alarms.md", import.meta.url));

async function gate(): Promise<VerdictDocument | undefined> {
  const child = spawn(process.execPath, [bin, "gate", "--json"], { stdio: ["ignore", "pipe", "ignore"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => child.on("close", resolve));
  const text = Buffer.concat(chunks).toString("utf8");
  const document = JSON.parse(text === "" ? "{}" : text) as VerdictDocument;
  return document.checks ? document : undefined;
}

/** What is not green, though nothing is wrong. */
function alarms({ checks }: VerdictDocument): string[] {
  return checks.flatMap(({ id, verdict, accepted }) =>
    verdict === "fail" || (verdict === "unknown" && !accepted) ? [`${id}: ${verdict}`] : [],
  );
}

let red = 0;
for (let index = 0; index < count; index += 1) {
  const load = loadavg()[0]?.toFixed(1);
  const document = await gate();
  const raised = document ? alarms(document) : ["the gate ended without a verdict"];
  if (raised.length > 0) red += 1;
  const passed = document?.checks.filter(({ verdict }) => verdict === "pass").length ?? 0;
  const row = [
    new Date().toISOString().slice(0, 16).replace("T", " "),
    document?.runId ?? "–",
    document ? `${Math.round(document.durationMs / 1000)} s` : "–",
    String(passed),
    load,
    raised.length === 0 ? "none" : raised.join("; "),
  ];
  appendFileSync(table, `| ${row.join(" | ")} |\n`);
  console.log(row.join("  "));
}
const rows = readFileSync(table, "utf8")
  .split("\n")
  .filter((line) => /^\| \d{4}-/.test(line));
console.log(
  `${rows.length} healthy gates on record, ${rows.filter((line) => !/\| none \|$/.test(line)).length} with a false alarm`,
);
// Green in other rows, though nothing changed but the moment.
const raised = rows.flatMap((line) =>
  [...(line.split("|").at(-2) ?? "").matchAll(/([\w-]+\/[\w-]+): (?:fail|unknown)/g)].map(([, id]) => id),
);
for (const id of new Set(raised)) {
  const times = raised.filter((one) => one === id).length;
  console.log(`${times < rows.length ? "flaky" : "always red"}: ${id}, red in ${times} of ${rows.length}`);
}
process.exit(red === 0 ? 0 : 1);
