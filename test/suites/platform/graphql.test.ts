import { describe, expect, test } from "vitest";
import "../../../suites/platform/graphql.ts";
import { judged, refused, saw } from "../judged.ts";

const { graphql, http, failed } = saw("platform/graphql");
const error = (code: string, message = "no", dependency?: string) => ({
  data: null,
  errors: [{ message, extensions: { code, ...(dependency ? { dependency } : {}) } }],
});

describe("platform/graphql-answers", () => {
  const id = "platform/graphql-answers";
  test("passes when __typename is Query", () => {
    expect(judged(id, [graphql("typename", { data: { __typename: "Query" } })]).verdict).toBe("pass");
  });
  test("fails on another answer, an error, a bad gateway, or none", () => {
    expect(judged(id, [graphql("typename", { data: { __typename: "Other" } })]).reason).toBe("__typename is Query (met Other)");
    expect(judged(id, [graphql("typename", error("INTERNAL_SERVER_ERROR"))]).verdict).toBe("fail");
    expect(judged(id, [http("typename", 502, "Bad Gateway")]).reason).toBe("no GraphQL answer came: status 502, Bad Gateway");
    expect(judged(id, [failed("typename", refused)]).reason).toBe("no GraphQL answer came: connect-refused: connection refused");
  });
  test("is unknown when nobody asked, or the harness could not look", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [failed("typename", { kind: "not-sent", message: "" })]).verdict).toBe("unknown");
  });
});

describe("platform/graphql-refuses-introspection", () => {
  const id = "platform/graphql-refuses-introspection";
  test("passes when it is refused", () => {
    const body = JSON.stringify(error("INTROSPECTION_DISABLED"));
    expect(judged(id, [http("introspection", 400, body)]).verdict).toBe("pass");
  });
  test("fails when the schema is told, or nothing sensible comes", () => {
    expect(judged(id, [graphql("introspection", { data: { __schema: {} } })]).reason).toBe(
      "introspection is refused with an error (met no error)",
    );
    expect(judged(id, [http("introspection", 502)]).verdict).toBe("fail");
  });
  test("is unknown when nobody asked", () => {
    expect(judged(id, []).verdict).toBe("unknown");
  });
});

describe("platform/graphql-methods", () => {
  const id = "platform/graphql-methods";
  test("passes with 400 and 405", () => {
    expect(judged(id, [http("get without query", 400), http("head", 405)]).verdict).toBe("pass");
  });
  test("fails with another status, and says whose", () => {
    expect(judged(id, [http("get without query", 400), http("head", 200)]).reason).toBe("HEAD: status is 405 (met 200)");
  });
  test("is unknown when one was not tried", () => {
    expect(judged(id, [http("head", 405)]).verdict).toBe("unknown");
  });
});

describe("the API's dependencies", () => {
  const seen = saw("platform/dependencies");
  test("PostgreSQL: a time passes, an error that names it fails, nothing is unknown", () => {
    const id = "platform/api-asks-postgres";
    expect(judged(id, [seen.graphql("postgres", { data: { databaseTime: "2026-11-22T01:00:00.000Z" } })]).verdict).toBe("pass");
    expect(judged(id, [seen.graphql("postgres", error("DEPENDENCY_UNAVAILABLE", "refused", "postgres"))]).reason).toBe(
      "the API answers DEPENDENCY_UNAVAILABLE (postgres): refused",
    );
    expect(judged(id, [seen.graphql("postgres", { data: { databaseTime: null } })]).verdict).toBe("fail");
    expect(judged(id, []).verdict).toBe("unknown");
  });
  test("Redis: what was stored is found again", () => {
    const id = "platform/api-asks-redis";
    const cached = (label: string, value: string, hit: boolean) => seen.graphql(label, { data: { cached: { value, hit } } });
    expect(judged(id, [cached("redis first", "a", false), cached("redis again", "a", true)]).verdict).toBe("pass");
    expect(judged(id, [cached("redis first", "a", false), cached("redis again", "b", false)]).verdict).toBe("fail");
    expect(judged(id, [cached("redis first", "a", false), cached("redis again", "b", true)]).verdict).toBe("fail");
    const away = error("DEPENDENCY_UNAVAILABLE", "no such host", "redis");
    expect(judged(id, [seen.graphql("redis first", away), seen.graphql("redis again", away)]).reason).toBe(
      "the API answers DEPENDENCY_UNAVAILABLE (redis): no such host",
    );
    expect(judged(id, [cached("redis first", "a", false)]).verdict).toBe("unknown");
  });
  test("S3: what was written is read back", () => {
    const id = "platform/api-asks-s3";
    expect(judged(id, [seen.graphql("s3", { data: { storage: { intact: true } } })]).verdict).toBe("pass");
    expect(judged(id, [seen.graphql("s3", { data: { storage: { intact: false } } })]).verdict).toBe("fail");
    expect(judged(id, [seen.graphql("s3", error("DEPENDENCY_UNAVAILABLE", "NoSuchBucket", "s3"))]).verdict).toBe("fail");
    expect(judged(id, []).verdict).toBe("unknown");
  });
});
