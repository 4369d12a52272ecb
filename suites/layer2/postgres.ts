import { check, NotSeen } from "../../src/check/check.ts";
import { all, condition, each, fail, pass, show, unknown } from "../../src/check/expect.ts";
import { errorWords } from "../../src/check/http.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { SampleOf } from "../../src/history/sample.ts";
import type { TargetView } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";

/** What the owners bought, recorded so that the history alone can be judged. */
interface Asked {
  host: string;
  databases: string[];
  maxConnections: number;
}

const postgresOf = ({ parties, secret }: TargetView) => {
  const { host, port, user, passwordSecret, databases } = parties.postgres;
  return { host, port, user, password: secret(passwordSecret), database: databases[0] ?? "postgres" };
};

// From the namespace of a task on the platform's network: the way to the managed database is that of every service there.
const access = observation("layer2/postgres", {
  tier: "layer2",
  needs: ["redis", "party:postgres"],
  effect: "observe",
  collect: async ({ target, from, fact }) => {
    const place = await from.inside("redis");
    const server = postgresOf(target);
    const { host, databases, maxConnections } = target.parties.postgres;
    fact("asked", { host, databases, maxConnections } satisfies Asked);
    const queries = [{ sql: "SELECT 1" }];
    await place.postgres("plain", { ...server, sslmode: "disable", queries });
    await place.postgres("require", { ...server, sslmode: "require", queries });
    await place.postgres("verified", { ...server, sslmode: "verify-full", caPem: target.authority, queries });
    for (const database of databases) {
      const wanted = { ...server, database, queries: [{ sql: "SELECT current_database()" }] };
      // By TLS where it is spoken, so that this judges the databases alone.
      const seen = await place.postgres(`database/${database}`, { ...wanted, sslmode: "require" });
      if (seen.error?.kind === "tls") await place.postgres(`database/${database}`, { ...wanted, sslmode: "disable" });
    }
  },
});

check(
  "layer2/postgres-refuses-without-tls",
  access,
  { title: "the managed PostgreSQL refuses a session without TLS, and says so", service: "postgres" },
  (seen) => {
    const expected = "a session without TLS is refused with an SQLSTATE of class 28";
    const sample = postgresSample(seen.sample("plain"));
    if (sample.response) return fail("a session without TLS is served", { expected, observed: "served without TLS" });
    if (!sample.error) throw new NotSeen("neither an answer nor an error was recorded");
    const observed = errorWords(sample.error);
    if (sample.error.kind === "auth") return pass("refused", { expected, observed });
    return fail(`no clean refusal without TLS: ${observed}`, { expected, observed });
  },
);

check(
  "layer2/postgres-serves-over-tls",
  access,
  { title: "the managed PostgreSQL serves sessions over TLS, with a certificate of its own name", service: "postgres" },
  (seen) => {
    const { host } = seen.fact<Asked>("asked");
    const [required, verified] = ["require", "verified"].map((label) => postgresSample(seen.sample(label)));
    const sessions = all([served("sslmode=require", required), served("sslmode=verify-full", verified)]);
    // Without a session there is no certificate to speak of.
    if (required?.error) return sessions;
    const leaf = required?.tls?.chain?.[0];
    return all([
      sessions,
      condition("TLS version", required?.tls?.version, "is 1.2 or 1.3", ["1.2", "1.3"].includes(required?.tls?.version ?? "")),
      condition("names of its certificate", leaf?.sans.join(", "), `contain ${host}`, leaf?.sans.includes(host) ?? false),
    ]);
  },
);

check(
  "layer2/postgres-databases",
  access,
  { title: "the databases that Sprocket and Grafana log in to are there", service: "postgres" },
  (seen) =>
    each(
      seen.fact<Asked>("asked").databases,
      (name) => name,
      (name) => {
        const sample = seen.samples(`database/${name}`).map(postgresSample).at(-1);
        if (!sample) return unknown("was not asked for");
        const met = sample.response?.results[0]?.rows?.[0]?.[0];
        if (sample.error)
          return fail(`cannot be opened: ${errorWords(sample.error)}`, { expected: "opens", observed: errorWords(sample.error) });
        return condition("current_database()", met, `is ${name}`, met === name);
      },
    ),
);

const inUse =
  "SELECT current_setting('max_connections'), current_setting('superuser_reserved_connections'), " +
  "(SELECT rolsuper FROM pg_roles WHERE rolname = current_user), " +
  "(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid())";

/** Longest time that a refused client may wait for its refusal (facts sheet, experiment X-21). */
const refusalMs = 5000;

const cap = observation("layer2/postgres-cap", {
  tier: "layer2",
  needs: ["redis", "party:postgres"],
  effect: "write",
  alone: true,
  collect: async ({ target, from, fact, poll }) => {
    const place = await from.inside("redis");
    const server = { ...postgresOf(target), sslmode: "require" as const };
    const { host, databases, maxConnections } = target.parties.postgres;
    fact("asked", { host, databases, maxConnections } satisfies Asked);
    const before = await place.postgres("before", { ...server, queries: [{ sql: inUse }] });
    await place.postgresFill("fill", { ...server, max: maxConnections * 2 });
    // Sessions end a moment after their clients: until those are gone, they would count as somebody else's.
    const used = Number(before.response?.results[0]?.rows?.[0]?.[3]);
    await poll({ withinMs: 5000, everyMs: 100 }, async () => {
      const seen = await place.postgres("after", { ...server, queries: [{ sql: inUse }] });
      return Number(seen.response?.results[0]?.rows?.[0]?.[3]) <= used ? true : undefined;
    });
  },
});

check(
  "layer2/postgres-cap",
  cap,
  {
    title: "the managed PostgreSQL serves exactly its cap of connections, and refuses the next one cleanly",
    service: "postgres",
  },
  (seen) => {
    const { maxConnections } = seen.fact<Asked>("asked");
    const before = useOf(postgresSample(seen.sample("before")), "before");
    const last = seen.samples("after").map(postgresSample).at(-1);
    if (!last) throw new NotSeen("nobody asked again after the fill");
    const { sample } = seen.sample("fill");
    if (sample.probe !== "postgres-fill" || !sample.response) throw new NotSeen("the fill brought nothing back");
    const { opened, refused } = sample.response;
    if (last.error)
      return fail(`serves nobody after the sessions were closed: ${errorWords(last.error)}`, {
        observed: errorWords(last.error),
      });
    const after = useOf(last, "after");
    // A superuser may use the reserved ones too.
    const free = before.superuser ? maxConnections : maxConnections - before.reserved;
    const least = opened + Math.min(before.used, after.used);
    const most = opened + Math.max(before.used, after.used);
    const met = `${opened} opened beside ${before.used === after.used ? before.used : `${before.used} to ${after.used}`} in use, max_connections = ${before.max}`;
    const code = refused?.sqlstate ?? refused?.kind ?? "nothing was refused";
    return all([
      condition("sessions at once", met, `are ${free}`, refused !== undefined && least <= free && free <= most),
      condition("refusal", refused ? `${code}: ${refused.message}` : code, "is SQLSTATE 53300", refused?.sqlstate === "53300"),
      condition(
        "time to the refusal",
        refused ? `${Math.round(refused.took / 1e6)} ms` : undefined,
        `is under ${refusalMs} ms`,
        refused !== undefined && refused.took < refusalMs * 1e6,
      ),
    ]);
  },
);

function postgresSample(event: EventOf<"sample">): SampleOf<"postgres"> {
  if (event.sample.probe !== "postgres") throw new NotSeen(`the sample "${event.label}" is not of postgres`);
  return event.sample;
}

function served(how: string, sample: SampleOf<"postgres"> | undefined) {
  const expected = `${how} is served`;
  if (sample?.error)
    return fail(`${how} is not served: ${errorWords(sample.error)}`, { expected, observed: errorWords(sample.error) });
  const met = sample?.response?.results[0]?.rows?.[0]?.[0];
  return met === "1"
    ? pass(expected, { expected, observed: "served" })
    : fail(`${how}: SELECT 1 brought ${show(met)}`, { expected, observed: show(met) });
}

function useOf(sample: SampleOf<"postgres">, label: string) {
  const row = sample.response?.results[0]?.rows?.[0];
  if (!row)
    throw new NotSeen(
      `the question "${label}" of the sessions in use brought nothing: ${sample.error ? errorWords(sample.error) : "no row"}`,
    );
  const [max, reserved, superuser, used] = row;
  return { max: Number(max), reserved: Number(reserved), superuser: superuser === "t", used: Number(used) };
}
