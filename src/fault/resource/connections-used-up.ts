import { background } from "../background.ts";
import type { FaultKind } from "../fault.ts";

/** All sessions that the managed PostgreSQL lets its account have are taken, and those that others give up too. */
interface ConnectionsUsedUp {
  kind: "resource/connections-used-up";
  party: "postgres";
}

/** SQLSTATE of a session that is one too many. */
const tooMany = "53300";
/** Longest time that a session is held; longer than any experiment. */
const heldMs = 30 * 60_000;
/** How often what others gave up is taken too, seconds. */
const againSeconds = 0.5;

/** One request after another, each of which takes what is free and holds it. Their password comes by the standard input: no process list shows it. */
const fill = `read -r request
n=1; { while :; do printf "%s\\n" "$request" | sed "s/^{/{\\"id\\":$n,/"; n=$((n + 1)); sleep ${againSeconds}; done; } | sprocket-agent > /dev/null`;

export const connectionsUsedUp: FaultKind<ConnectionsUsedUp> = {
  kind: "resource/connections-used-up",
  words: ({ party }) => `all sessions that ${party} allows its account are taken`,
  async prepare(replica, { party }) {
    const server = replica.plan.candidate.parties[party];
    if (!server) throw new Error(`the candidate has no ${party} whose sessions could be used up`);
    const filling = background(replica);
    const session = {
      host: server.host,
      port: server.port,
      user: server.user,
      password: replica.secrets.get(server.passwordSecret),
      database: server.databases[0] ?? "postgres",
      sslmode: "require" as const,
    };
    /** What one more client meets: a session, or why it gets none. */
    const oneMore = async () => {
      const timeouts = { totalMs: 3000 };
      const queries = [{ sql: "SELECT 1" }];
      const { error, response } = await replica.nodeAgent.probe<"postgres">(
        {},
        { kind: "postgres", ...session, queries, timeouts },
      );
      return error ? (error.code ?? error.kind) : response?.results[0]?.rows?.[0]?.[0];
    };
    const request = {
      op: "probe",
      where: {},
      probe: { kind: "postgres-fill", ...session, holdMs: heldMs, timeouts: { totalMs: heldMs } },
    };
    return {
      name: `connections-used-up/${party}`,
      detail: { party, limit: server.maxConnections },
      undo: [filling.undo],
      apply: async () => filling.start(fill, { stdin: `${JSON.stringify(request)}\n` }),
      bites: async () => {
        await filling.running();
        return (await oneMore()) === tooMany;
      },
      healed: async () => (await filling.left()).length === 0 && (await oneMore()) === "1",
    };
  },
};
