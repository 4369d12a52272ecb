import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { verdictDocumentSchema } from "../../src/check/verdict-schema.ts";
import { benchDocumentSchema, jsonSchemas, planDocumentSchema } from "../../src/report/documents.ts";
import { service } from "../check/a-history.ts";
import { aRun, verdictOf } from "./a-run.ts";

const pathOf = (file: string) => fileURLToPath(new URL(`../../docs/schemas/${file}`, import.meta.url));
const schemas = jsonSchemas();

describe("docs/schemas", () => {
  test.each([...schemas])("%s is current (UPDATE_SCHEMAS=1 writes it)", (file, made) => {
    if (process.env.UPDATE_SCHEMAS === "1") writeFileSync(pathOf(file), made);
    expect(readFileSync(pathOf(file), "utf8")).toBe(made);
  });

  const validator = (file: string) =>
    new Ajv2020({ strict: false, validateFormats: false }).compile(JSON.parse(schemas.get(file) ?? "null"));

  test("every event of a run fits, and an opinion does not", () => {
    const fits = validator("history-event.schema.json");
    for (const event of aRun(true)) expect([event.type, fits(event), fits.errors]).toEqual([event.type, true, null]);
    expect(fits({ ...aRun(true)[0], healthy: true })).toBe(false);
  });
  test("a red, a green and an empty verdict fit", () => {
    const fits = validator("verdict.schema.json");
    for (const events of [aRun(true), aRun(false), []]) {
      const verdict = verdictOf(events);
      expect([fits(JSON.parse(JSON.stringify(verdict))), fits.errors]).toEqual([true, null]);
      expect(verdictDocumentSchema.parse(verdict)).toEqual(verdict);
    }
  });
  test("a plan and a bench fit", () => {
    const nothing = { findings: [], substitutions: [], order: [], images: [], networks: [], checks: [], notApplicable: [] };
    const node = { flags: [], mounts: [], ports: "none", binds: [] };
    const plan = { schema: 1, candidate: { name: "c", profile: "p", hash: "h" }, services: [service("web")], ...nothing, node };
    expect(validator("plan.schema.json")(planDocumentSchema.parse(plan))).toBe(true);
    const bench = { schema: 1, ratios: { start: { value: 1.1, goal: 1.3, unit: "ratio", n: 5 } } };
    expect(validator("bench.schema.json")(benchDocumentSchema.parse(bench))).toBe(true);
    expect(validator("bench.schema.json")({ ...bench, ok: true })).toBe(false);
  });
});
