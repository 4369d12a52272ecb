import type { Finding } from "../../history/events.ts";
import type { Candidate, CandidateService, PostgresParty } from "../types.ts";
import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { longest, readersOf } from "./text.ts";

/** PostgreSQL's own port: what a client takes where none is written. */
const defaultPort = 5432;

/** The managed database answers on its own port and only over TLS: a client that is told otherwise never connects. */
export const databaseUnlike: StaticRule = {
  id: "static/database-unlike",
  title: "Database port or TLS mode unlike the managed one's",
  cure: "Build host, port and TLS mode of every client from the same settings.",
  find(candidate) {
    const { postgres } = candidate.parties;
    if (!postgres) return [];
    const findings: Finding[] = [];
    for (const service of candidate.services) {
      const wrong = [
        ...ofEnvironment(service, postgres),
        ...[...Object.entries(service.env), ...argumentsOf(service)].flatMap(([name, text]) =>
          ofText(text, postgres, candidate, [service]).map((one) => `${name}: ${one}`),
        ),
      ];
      if (wrong.length > 0) findings.push(say(placeOf("service", service), service.name, wrong, postgres));
    }
    for (const config of candidate.configs) {
      const wrong = ofText(config.content, postgres, candidate, readersOf(candidate, config.name));
      if (wrong.length > 0) findings.push(say(placeOf("config", config), `config ${config.name}`, wrong, postgres));
    }
    return findings;
  },
};

function say(place: string, who: string, wrong: readonly string[], postgres: PostgresParty): Finding {
  return found(
    databaseUnlike,
    place,
    `The managed database listens on ${postgres.port} and wants TLS; ${who} asks for ${list([...new Set(wrong)])}.`,
  );
}

function argumentsOf(service: CandidateService): [string, string][] {
  return [...(service.command ?? []), ...(service.args ?? [])].map((text, index) => [`argument ${index + 1}`, text]);
}

/** Variables that belong together by their first word: `POSTGRES_HOST` and `POSTGRES_PORT`, `GF_DATABASE_HOST` and `GF_DATABASE_SSL_MODE`. */
function ofEnvironment(service: CandidateService, postgres: PostgresParty): string[] {
  const wrong: string[] = [];
  for (const [name, value] of Object.entries(service.env)) {
    const stem = /^(.*?)_?(?:HOST|HOSTNAME|ADDRESS|SERVER)$/i.exec(name)?.[1];
    if (stem === undefined) continue;
    const [host = "", port] = value.split(":");
    if (host !== postgres.host) continue;
    if (port !== undefined && Number(port) !== postgres.port) wrong.push(`port ${port} (${name})`);
    for (const [other, text] of Object.entries(service.env)) {
      if (!other.toLowerCase().startsWith(stem.toLowerCase())) continue;
      const rest = other.slice(stem.length).replace(/^_/, "");
      if (/^PORT$/i.test(rest) && /^\d+$/.test(text) && Number(text) !== postgres.port) wrong.push(`port ${text} (${other})`);
      if (/^SSL_?MODE$/i.test(rest) && plain(text)) wrong.push(`\`${text}\` as TLS mode (${other})`);
      if (/^(?:SSL|TLS)(?:_?ENABLED)?$/i.test(rest) && /^(?:false|0|off|no)$/i.test(text)) wrong.push(`no TLS (${other})`);
    }
  }
  return wrong;
}

function plain(mode: string): boolean {
  return /^(?:disabled?|false|off)$/i.test(mode.trim());
}

/** Connection strings of a text, and settings objects of a JSON file, that name the managed database. Variables are filled from the services that read it. */
function ofText(text: string, postgres: PostgresParty, candidate: Candidate, readers: readonly CandidateService[]): string[] {
  const cut = text.slice(0, longest);
  const wrong: string[] = [];
  const own = candidate.services.some((service) =>
    /(?:^|\/)(?:postgres|postgresql|postgis|timescaledb)(?:[:@]|$)/.test(service.image),
  );
  /** Whether a host is the managed database: by its name, or by a variable that holds it, or by one that nobody can know where there is no other database. */
  const managed = (written: string) => {
    const variable = /^\$\{?(\w+)\}?$/.exec(written)?.[1];
    if (variable === undefined) return written === postgres.host;
    const values = readers.flatMap((service) => service.env[variable] ?? []);
    if (values.some((value) => value.split(":")[0] === postgres.host)) return true;
    return !own && values.length > 0 && values.every((value) => /^<.*>$|^\$\{secret:/.test(value));
  };
  const check = (host: string, port: string | undefined, mode: string | undefined) => {
    if (!managed(host)) return;
    const asked = port === undefined || port === "" ? defaultPort : Number(port);
    if (Number.isFinite(asked) && asked !== postgres.port) wrong.push(`port ${asked}${port ? "" : " (none is written)"}`);
    if (mode !== undefined && plain(mode)) wrong.push(`sslmode=${mode}`);
  };
  for (const met of cut.matchAll(
    /postgres(?:ql)?:\/\/(?:[^\s/@"'`]{0,500}@)?(\$\{\w{1,80}\}|[\w.$-]{1,255})(?::(\d{1,5}))?(?:\/[^\s"'`?]{0,200})?(\?[^\s"'`]{0,500})?/gi,
  ))
    check(met[1] ?? "", met[2], /[?&]ssl(?:mode)?=(\w+)/i.exec(met[3] ?? "")?.[1]);
  for (const [line] of cut.matchAll(/\bhost=[^\n"'`]{1,1000}/g)) {
    if (!/\b(?:dbname|sslmode|user)=/.test(line)) continue;
    const value = (key: string) => new RegExp(`(?:^|\\s)${key}=(\\S{1,255})`).exec(line)?.[1];
    check(value("host") ?? "", value("port"), value("sslmode"));
  }
  const settings = json(cut);
  if (settings !== undefined) wrong.push(...ofSettings(settings, postgres));
  return wrong;
}

/** `{ "host": the managed one, "port": another }`, at any depth. */
function ofSettings(settings: unknown, postgres: PostgresParty): string[] {
  const wrong: string[] = [];
  const walk = (value: unknown, depth: number) => {
    if (typeof value !== "object" || value === null || depth > 20) return;
    const { host, hostname, port, ssl, sslmode } = value as Record<string, unknown>;
    if (host === postgres.host || hostname === postgres.host) {
      if ((typeof port === "number" || (typeof port === "string" && /^\d+$/.test(port))) && Number(port) !== postgres.port)
        wrong.push(`port ${port}`);
      if (ssl === false || (typeof sslmode === "string" && plain(sslmode))) wrong.push("no TLS");
    }
    for (const inner of Object.values(value)) walk(inner, depth + 1);
  };
  walk(settings, 0);
  return wrong;
}

function json(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
