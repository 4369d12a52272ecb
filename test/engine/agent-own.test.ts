import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { buildTimeout } from "./agent-binary.ts";

it(
  "the agent's own tests pass",
  () => {
    const printed = execFileSync("go", ["test", "-v", "."], {
      cwd: fileURLToPath(new URL("../../fixtures/images/agent/", import.meta.url)),
      env: { ...process.env, CGO_ENABLED: "0" },
      encoding: "utf8",
    });
    // One of each file: a build that left them out would pass too.
    for (const name of ["TestChangesOfASpec", "TestCertificatesOfAStore"]) expect(printed).toContain(`--- PASS: ${name}`);
  },
  buildTimeout,
);
