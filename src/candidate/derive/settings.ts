import { parse } from "yaml";
import type { CandidateConfig, DefinedService } from "../types.ts";
import { nestsDeeper } from "../yaml-depth.ts";

/** Settings that stand together: an object of a JSON or YAML config, a block of HCL, or environment variables of one prefix. Values are strings; `${secret:NAME}` stays as it is. */
export interface Settings {
  /** Service that is told them. */
  service: DefinedService;
  /** What they are of, in lower case: the object's key, the block's label, the variables' prefix ("gf_database"). */
  of: string;
  /** Key in lower case without separators → value; values of an inner object stand under "key.inner". */
  values: Map<string, string>;
}

/** Every group of settings that a service is told. */
export function settingsOf(service: DefinedService, configs: readonly CandidateConfig[]): Settings[] {
  const found = environment(service);
  for (const { source } of service.configs) {
    const content = configs.find((config) => config.name === source)?.content;
    if (content === undefined) continue;
    const document = read(content);
    if (document === undefined) found.push(...blocks(service, content));
    else collect(service, "", document, found, 0);
  }
  return found;
}

const plain = (key: string) => key.toLowerCase().replace(/[_-]/g, "");

/** Larger ones are not read for structure: no configuration of a service is, and YAML costs more than its size. */
const largest = 256 * 1024;

/** A config as an object, when it is JSON or YAML of one; anything else has no structure that is read here. */
function read(content: string): object | undefined {
  const attempts = [
    () => JSON.parse(content) as unknown,
    () =>
      nestsDeeper(content, 100)
        ? undefined
        : (parse(content, { uniqueKeys: false, prettyErrors: false, logLevel: "silent" }) as unknown),
  ];
  if (content.length > largest) return undefined;
  for (const attempt of attempts) {
    try {
      const document = attempt();
      if (typeof document === "object" && document !== null) return document;
    } catch {
      // Not of this language: the next one, or none.
    }
  }
  return undefined;
}

/** No config of a service is nested deeper; what is, is not a setting. */
const deepest = 12;

function collect(service: DefinedService, of: string, value: unknown, found: Settings[], depth: number): void {
  if (typeof value !== "object" || value === null || depth > deepest) return;
  const values = new Map<string, string>();
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "object" && inner !== null) {
      for (const [innerKey, leaf] of Object.entries(inner)) {
        if (["string", "number"].includes(typeof leaf)) values.set(`${plain(key)}.${plain(innerKey)}`, String(leaf));
      }
      collect(service, key.toLowerCase(), inner, found, depth + 1);
    } else if (["string", "number"].includes(typeof inner)) values.set(plain(key), String(inner));
  }
  if (values.size > 0) found.push({ service, of, values });
}

/** Blocks of HCL such as `storage "s3" { key = "value" }`. */
function blocks(service: DefinedService, content: string): Settings[] {
  return [...content.matchAll(/^[ \t]*\w+[ \t]+"([\w-]+)"[ \t]*\{((?:\$\{[^}]*\}|[^}])*)\}/gm)].map(([, label, body]) => ({
    service,
    of: (label as string).toLowerCase(),
    values: new Map(
      [...(body as string).matchAll(/^[ \t]*([\w-]+)[ \t]*=[ \t]*"?([^"\n]*?)"?[ \t]*$/gm)].map(([, key, value]) => [
        plain(key as string),
        value as string,
      ]),
    ),
  }));
}

const lastWord =
  /^(?:(.*?)_)?(HOST|HOSTNAME|PORT|USER|USERNAME|NAME|DB|DATABASE|DBNAME|PASSWORD|PASS|TYPE|ENDPOINT|ENDPOINT_URL|ENDPOINT_URL_S3|URL|BUCKET|BUCKET_NAME|ACCESS_KEY|ACCESS_KEY_ID|SECRET_KEY|SECRET_ACCESS_KEY)$/i;

/** Environment variables by prefix: GF_DATABASE_HOST and GF_DATABASE_NAME are settings of "gf_database"; libpq's PGHOST has its prefix without a line. */
function environment(service: DefinedService): Settings[] {
  const groups = new Map<string, Map<string, string>>();
  for (const [name, value] of Object.entries(service.env)) {
    const libpq = /^PG(HOST|PORT|USER|PASSWORD|DATABASE)$/.exec(name);
    const match = lastWord.exec(name);
    const of = libpq ? "pg" : match?.[1]?.toLowerCase();
    const key = libpq?.[1] ?? match?.[2];
    if (of === undefined || key === undefined) continue;
    const values = groups.get(of) ?? new Map<string, string>();
    values.set(plain(key), value);
    groups.set(of, values);
  }
  return [...groups].map(([of, values]) => ({ service, of, values }));
}
