import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });

/** What the schema of a document's own format has against it; empty when it is right. */
export function violations(text: string): string[] {
  const document = JSON.parse(text);
  const schema = JSON.parse(readFileSync(new URL(`../../docs/schemas/${document.format}.json`, import.meta.url), "utf8"));
  const validate = ajv.getSchema(document.format) ?? ajv.addSchema(schema, document.format).getSchema(document.format);
  if (!validate) throw new Error(`no schema of ${document.format}`);
  return validate(document) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}
