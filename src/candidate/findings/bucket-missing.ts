import { parseDocument } from "yaml";
import type { Finding } from "../../history/events.ts";
import type { Candidate } from "../types.ts";
import { imageName } from "./image.ts";
import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { longest } from "./text.ts";

interface Used {
  kind: "influx" | "s3";
  bucket: string;
  place: string;
  who: string;
}

/** A bucket that is only used: writes to it are refused, and charts of it stay empty. InfluxDB's are made by its set-up, those of S3 by what the parties name. */
export const bucketMissing: StaticRule = {
  id: "static/bucket-missing",
  title: "Bucket used but never made",
  cure: "Make the bucket in the definition, or use the one that is made.",
  find(candidate) {
    const used = usedBuckets(candidate);
    const influx = candidate.services.filter(
      (service) => service.role === "influx" || imageName(service.image).base === "influxdb",
    );
    const initial = influx.flatMap((service) => service.env.DOCKER_INFLUXDB_INIT_BUCKET ?? []).filter(known);
    const made = candidate.parties.s3?.buckets ?? [];
    const findings: Finding[] = [];
    for (const { kind, bucket, place, who } of used) {
      // An InfluxDB that is not the candidate's, or S3 whose buckets nobody names, may hold any bucket.
      if (kind === "influx" && influx.length > 0 && !initial.includes(bucket))
        findings.push(
          found(
            bucketMissing,
            place,
            `${who} uses InfluxDB's bucket ${bucket}; made is ${list(initial) || "none"} (DOCKER_INFLUXDB_INIT_BUCKET).`,
          ),
        );
      if (kind === "s3" && made.length > 0 && !made.includes(bucket))
        findings.push(found(bucketMissing, place, `${who} uses the S3 bucket ${bucket}; made are ${list(made)}.`));
    }
    return findings;
  },
};

/** Names only: no mark, no variable, no template, nothing taken out. */
function known(bucket: string): boolean {
  return /^[\w.-]{1,100}$/.test(bucket);
}

function usedBuckets(candidate: Candidate): Used[] {
  const used = new Map<string, Used>();
  const add = (one: Used) => {
    if (known(one.bucket)) used.set(JSON.stringify(one), one);
  };
  for (const service of candidate.services)
    for (const [name, bucket] of Object.entries(service.env)) {
      if (!/(?:^|_)bucket(?:_name)?$/i.test(name) || /INFLUXDB_INIT/.test(name)) continue;
      add({
        kind: /influx/i.test(name) ? "influx" : "s3",
        bucket,
        place: placeOf("service", service),
        who: `${service.name} (${name})`,
      });
    }
  for (const config of candidate.configs) {
    const at = { place: placeOf("config", config), who: `Config ${config.name}` };
    for (const { kind, bucket } of bucketsIn(config.content.slice(0, longest))) add({ kind, bucket, ...at });
  }
  return [...used.values()];
}

type Bucket = Pick<Used, "kind" | "bucket">;

/** Buckets that a file of settings names: JSON or YAML by its structure, TOML and HCL by the section that a line stands in. */
function bucketsIn(text: string): Bucket[] {
  if (!/bucket/i.test(text)) return [];
  const settings = structure(text);
  return settings === undefined ? byLine(text) : byStructure(settings);
}

function structure(text: string): object | undefined {
  try {
    const document = parseDocument(text, { logLevel: "silent", uniqueKeys: false });
    if (document.errors.length > 0) return undefined;
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function byStructure(settings: object): Bucket[] {
  const buckets: Bucket[] = [];
  const walk = (value: unknown, path: readonly string[], influx: boolean, depth: number) => {
    if (depth > 20) return;
    if (typeof value === "string") {
      const [last = "", before = ""] = path.toReversed();
      const named = /^(?:default)?_?bucket(?:_?name)?$/i.test(last) || /^buckets?(?:names)?$/i.test(before.replaceAll("_", ""));
      if (named) buckets.push({ kind: influx ? "influx" : "s3", bucket: value });
      return;
    }
    if (typeof value !== "object" || value === null) return;
    // A data source of Grafana says by its type what it is; a section by its name.
    const { type } = value as { type?: unknown };
    const here = influx || (typeof type === "string" && /^influx/i.test(type));
    for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key], here || /influx/i.test(key), depth + 1);
  };
  walk(settings, [], false, 0);
  return buckets;
}

function byLine(text: string): Bucket[] {
  const buckets: Bucket[] = [];
  let section = "";
  for (const line of text.split("\n")) {
    const head = /^\s*\[{1,2}([^\]]{1,200})\]{1,2}\s*$/.exec(line) ?? /^\s*([a-z][\w ".-]{0,200})\{\s*$/i.exec(line);
    if (head) section = head[1] ?? "";
    const bucket = /^\s*bucket\s*=\s*"([^"]{1,200})"/i.exec(line)?.[1];
    if (bucket !== undefined) buckets.push({ kind: /influx/i.test(section) ? "influx" : "s3", bucket });
  }
  return buckets;
}
