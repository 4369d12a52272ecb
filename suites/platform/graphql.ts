import { check } from "../../src/check/check.ts";
import { all, condition, fail, named } from "../../src/check/expect.ts";
import { answersGraphql, graphqlOf } from "../../src/check/graphql.ts";
import { errorWords, httpOf, notLooked } from "../../src/check/http.ts";
import { statusIs } from "../../src/check/status.ts";
import { observation } from "../../src/probe/observation.ts";

const api = observation("platform/graphql", {
  tier: "platform",
  needs: ["traefik", "core"],
  effect: "observe",
  collect: async ({ target, from }) => {
    const url = target.url("core", "/graphql");
    await from.public.graphql("typename", { url, query: "{ __typename }" });
    await from.public.graphql("introspection", { url, query: "{ __schema { queryType { name } } }" });
    await from.public.http("get without query", { url });
    await from.public.http("head", { url, method: "HEAD" });
  },
});

check(
  "platform/graphql-answers",
  api,
  { title: "GraphQL answers through Traefik, as a client on the public network asks", service: "core" },
  (seen) =>
    answersGraphql(seen.sample("typename"), "{ __typename } is Query", ({ __typename }) =>
      __typename === "Query" ? undefined : `__typename is Query (met ${String(__typename)})`,
    ),
);

check(
  "platform/graphql-refuses-introspection",
  api,
  { title: "GraphQL does not tell its schema to strangers", service: "core" },
  (seen) => {
    const event = seen.sample("introspection");
    const expected = "introspection is refused with an error";
    const mine = notLooked(event);
    if (mine) return { ...mine, expected };
    const answer = graphqlOf(event.sample);
    if (!answer) {
      const { response, error } = httpOf(event);
      const met = response ? `status ${response.status}` : errorWords(error);
      return fail(`no GraphQL answer to introspection: ${met}`, { expected, observed: met });
    }
    const [first] = answer.errors;
    const met = first ? `${first.code ?? "error"}: ${first.message}` : "no error";
    return condition("introspection", met, "is refused with an error", first !== undefined && answer.data.__schema === undefined);
  },
);

check(
  "platform/graphql-methods",
  api,
  { title: "a GET without a query is refused with 400, HEAD with 405", service: "core" },
  (seen) =>
    all([
      named("GET without a query", statusIs(seen.sample("get without query"), 400)),
      named("HEAD", statusIs(seen.sample("head"), 405)),
    ]),
);

// Queries that ask each dependency in truth; `storage` and `cached` leave an object and a key of their own behind.
const dependencies = observation("platform/dependencies", {
  tier: "platform",
  needs: ["traefik", "core"],
  effect: "write",
  collect: async ({ target, from }) => {
    const url = target.url("core", "/graphql");
    const timeouts = { totalMs: 8000 };
    await from.public.graphql("postgres", { url, query: "{ databaseTime }", timeouts });
    const cached = `{ cached(key: "sprocket-resilience") { value hit } }`;
    await from.public.graphql("redis first", { url, query: cached, timeouts });
    await from.public.graphql("redis again", { url, query: cached, timeouts });
    await from.public.graphql("s3", { url, query: "{ storage { bucket bytes intact } }", timeouts });
  },
});

check("platform/api-asks-postgres", dependencies, { title: "the API answers from PostgreSQL", service: "core" }, (seen) =>
  answersGraphql(seen.sample("postgres"), "databaseTime is a time", ({ databaseTime }) =>
    Number.isNaN(Date.parse(String(databaseTime))) ? `databaseTime is a time (met ${String(databaseTime)})` : undefined,
  ),
);

check("platform/api-asks-redis", dependencies, { title: "the API reads through its cache in Redis", service: "core" }, (seen) => {
  const value = (data: Record<string, unknown>) => data.cached as { value?: string; hit?: boolean } | null;
  const first = answersGraphql(seen.sample("redis first"), "cached answers");
  const stored = value(graphqlOf(seen.sample("redis first").sample)?.data ?? {})?.value;
  return all([
    first,
    answersGraphql(seen.sample("redis again"), "the second question hits what the first one stored", (data) => {
      const met = value(data);
      return met?.hit === true && met.value === stored
        ? undefined
        : "the second question does not find what the first one stored";
    }),
  ]);
});

check("platform/api-asks-s3", dependencies, { title: "the API writes to S3 and reads it back", service: "core" }, (seen) =>
  answersGraphql(seen.sample("s3"), "an object is stored and read back intact", (data) =>
    (data.storage as { intact?: boolean } | null)?.intact === true ? undefined : "what was read back is not what was written",
  ),
);
