import { randomUUID } from "node:crypto";
import type { PostgresParty } from "../../candidate/types.ts";
import type { Leaf } from "../authority.ts";
import { containers, type Party, type PartySite } from "./containers.ts";

/** The account that the provider of a managed PostgreSQL keeps for itself; nobody logs in to it over the network. */
const operator = "replica_operator";

/**
 * Managed PostgreSQL: TLS required, its port and its cap on connections as the owners bought them, its databases already there. The account that the owners got is no superuser:
 * it may make databases and roles and see everybody's sessions, and the three connections that PostgreSQL keeps for superusers are not for it.
 *
 * @param tls without it the server speaks plain TCP (a mutation: the red twin of the TLS check)
 */
export async function startPostgres(
  site: PartySite,
  wanted: PostgresParty,
  password: string,
  tls: Leaf | undefined,
  maxConnections = wanted.maxConnections,
): Promise<Party> {
  const { GenericContainer, Wait } = await containers();
  const setup = [
    "#!/bin/sh",
    "set -e",
    `psql -v ON_ERROR_STOP=1 -v owner="$OWNER" -v password="$OWNER_PASSWORD" -v first="$POSTGRES_DB" -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'END'`,
    `CREATE ROLE :"owner" LOGIN CREATEDB CREATEROLE PASSWORD :'password';`,
    `GRANT pg_monitor TO :"owner";`,
    `ALTER DATABASE :"first" OWNER TO :"owner";`,
    ...wanted.databases.slice(1).map((name) => `CREATE DATABASE "${name}" OWNER :"owner";`),
    "END",
    `cat >> "$PGDATA/postgresql.conf" <<'END'`,
    `port = ${wanted.port}`,
    "listen_addresses = '*'",
    `max_connections = ${maxConnections}`,
    // PostgreSQL's own default, said because the cap that an account meets depends on it.
    "superuser_reserved_connections = 3",
    "fsync = on",
    ...(tls ? ["ssl = on", "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'"] : []),
    "END",
    ...(tls ? ['cp /tls/server.crt /tls/server.key "$PGDATA/"', 'chmod 600 "$PGDATA/server.key"'] : []),
    // A rule of type hostssl alone: a client without TLS meets "no pg_hba.conf entry", as at the managed service.
    `printf '%s\\n' 'local all all trust' 'host all ${operator} all reject' '${tls ? "hostssl" : "host"} all all all scram-sha-256' > "$PGDATA/pg_hba.conf"`,
  ].join("\n");
  const container = await new GenericContainer(site.image("postgres"))
    .withName(`sr-${site.runId}-postgres`)
    .withLabels(site.labels)
    .withNetworkMode(site.network)
    .withEnvironment({
      POSTGRES_USER: operator,
      POSTGRES_PASSWORD: randomUUID(),
      POSTGRES_DB: wanted.databases[0] ?? "postgres",
      OWNER: wanted.user,
      OWNER_PASSWORD: password,
    })
    .withCopyContentToContainer([
      { content: setup, target: "/docker-entrypoint-initdb.d/10-managed.sh", mode: 0o755 },
      ...(tls
        ? [
            { content: tls.certificate, target: "/tls/server.crt", mode: 0o644 },
            { content: tls.key, target: "/tls/server.key", mode: 0o644 },
          ]
        : []),
    ])
    // Only the final server listens on TCP; the one that runs the set-up does not.
    .withWaitStrategy(Wait.forLogMessage(new RegExp(`listening on IPv4 address "0\\.0\\.0\\.0", port ${wanted.port}`)))
    .start();
  return { name: "postgres", container, address: container.getIpAddress(site.network) };
}
