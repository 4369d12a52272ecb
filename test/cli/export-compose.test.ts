import { expect, it } from "vitest";
import { parse } from "yaml";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { runInProcess } from "./io.ts";

it("prints a stack file of the candidate and nothing else, with every service and no secret's value", async () => {
  const { exitCode, out, err } = await runInProcess(["export-compose", "--candidate", "reference"]);
  expect({ exitCode, err }).toEqual({ exitCode: 0, err: "" });
  const stack = parse(out);
  const reference = referenceCandidate();
  expect(Object.keys(stack.services)).toEqual(reference.services.map(({ name }) => name));
  expect(Object.keys(stack.secrets)).toEqual(reference.secrets.map(({ name }) => name));
  for (const secret of Object.values(stack.secrets)) expect(secret).toMatchObject({ external: true });
  expect(out).toContain("$${secret:prod-secrets-redis-password}");
});
