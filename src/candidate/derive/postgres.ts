import type { CandidateConfig, CandidateSecret, DefinedService, PostgresParty } from "../types.ts";
import { address, commonest, isExternal, secretIn, secretNamed } from "./party.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { textsOf } from "./texts.ts";

/** Connections of the smallest managed plan (facts sheet, section 8); no definition says the number. */
const maxConnections = 100;
const passwordSecret = "party-postgres-password";

interface Seen {
  service: DefinedService;
  host: string;
  port?: number;
  user?: string;
  database?: string;
  secret?: string;
}

/** The managed PostgreSQL that services are told of: connection strings, settings of a database, environment variables. Undefined where none names a host outside. */
export function postgresParty(
  services: readonly DefinedService[],
  configs: readonly CandidateConfig[],
  secrets: readonly CandidateSecret[],
): PostgresParty | undefined {
  const all = services.flatMap((service) => [
    ...settingsOf(service, configs).flatMap(ofSettings),
    ...textsOf(service, configs).flatMap((text) => ofConnectionStrings(service, text)),
  ]);
  const host = commonest(all.map((seen) => seen.host).filter((name) => isExternal(name, services)));
  if (host === undefined) return undefined;
  const seen = all.filter((one) => one.host === host);
  const databases = new Set(seen.flatMap(({ database }) => database ?? []));
  return {
    host,
    port: commonest(seen.flatMap(({ port }) => port ?? [])) ?? 5432,
    user: commonest(seen.flatMap(({ user }) => user ?? [])) ?? "postgres",
    passwordSecret:
      commonest(seen.flatMap(({ secret }) => secret ?? [])) ??
      secretNamed(
        /(?:db|database|postgres|pg)[\w-]*(?:pass|secret|pw)/i,
        seen.map(({ service }) => service),
        secrets,
      ) ??
      passwordSecret,
    databases: databases.size > 0 ? [...databases].sort() : ["postgres"],
    maxConnections,
  };
}

function ofSettings({ service, of, values }: Settings): Seen[] {
  if (!/(?:^|[_-])(?:db|database|postgres|postgresql|postgresdb|pg|knex|typeorm)$/.test(of)) return [];
  const type = values.get("type") ?? values.get("dialect") ?? values.get("client");
  if (type !== undefined && !/^(?:postgres|postgresql|postgresdb|pg)$/i.test(type)) return [];
  const { host, port } = address(values.get("host") ?? values.get("hostname") ?? "");
  if (host === "") return [];
  return [
    seen({
      service,
      host,
      port: port ?? portOf(values.get("port")),
      user: values.get("username") ?? values.get("user"),
      database: values.get("database") ?? values.get("dbname") ?? values.get("db") ?? values.get("name"),
      secret: secretIn(values.get("password") ?? values.get("pass")),
    }),
  ];
}

/** `postgresql://user:${secret:NAME}@host:port/database?options`. */
function ofConnectionStrings(service: DefinedService, text: string): Seen[] {
  const pattern =
    /\bpostgres(?:ql)?:\/\/(?:([^\s:/@"']*)(?::((?:\$\{secret:[\w.-]+\})|[^\s@"']*))?@)?([\w.-]+)(?::(\d{1,5}))?(?:\/([\w-]+))?/gi;
  return [...text.matchAll(pattern)].map(([, user, password, host, port, database]) =>
    seen({ service, host: (host as string).toLowerCase(), port: portOf(port), user, database, secret: secretIn(password) }),
  );
}

function portOf(text: string | undefined): number | undefined {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : undefined;
}

/** Keeps what is a plain word; a placeholder or an empty value says nothing. */
function seen(one: {
  service: DefinedService;
  host: string;
  port: number | undefined;
  user: string | undefined;
  database: string | undefined;
  secret: string | undefined;
}): Seen {
  const word = (text: string | undefined) => (text && /^[\w.-]+$/.test(text) ? text : undefined);
  const user = word(one.user);
  const database = word(one.database);
  return {
    service: one.service,
    host: one.host,
    ...(one.port ? { port: one.port } : {}),
    ...(user ? { user } : {}),
    ...(database ? { database } : {}),
    ...(one.secret ? { secret: one.secret } : {}),
  };
}
