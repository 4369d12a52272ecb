import { describe, expect, test } from "vitest";
import { answeredWell, answersGraphql, graphqlOf } from "../../src/check/graphql.ts";
import { responseOf, sampleOf } from "./a-history.ts";
import { seenSample } from "./samples.ts";

const answer = (body: unknown, status = 200) =>
  sampleOf({ response: responseOf(status, {}, typeof body === "string" ? body : JSON.stringify(body)) });
const failing = { data: null, errors: [{ message: "away", extensions: { code: "DEPENDENCY_UNAVAILABLE", dependency: "s3" } }] };

describe("a GraphQL answer", () => {
  test("is read from the body, errors with code and dependency", () => {
    expect(graphqlOf(answer({ data: { a: 1 } }))).toEqual({ status: 200, data: { a: 1 }, errors: [] });
    expect(graphqlOf(answer(failing))).toEqual({
      status: 200,
      data: {},
      errors: [{ message: "away", code: "DEPENDENCY_UNAVAILABLE", dependency: "s3" }],
    });
  });
  test("is none when the body is something else", () => {
    for (const body of ["Bad Gateway", "", "null", "[]", "{}"]) expect(graphqlOf(answer(body))).toBeUndefined();
    expect(graphqlOf(sampleOf({ error: { kind: "timeout", message: "5 s" } }))).toBeUndefined();
  });
  test("is good with 200 and without errors alone", () => {
    expect(answeredWell(answer({ data: { a: 1 } }))).toBe(true);
    expect(answeredWell(answer({ data: { a: 1 } }, 502))).toBe(false);
    expect(answeredWell(answer(failing))).toBe(false);
    expect(answeredWell(answer("Bad Gateway", 502))).toBe(false);
  });
  test("is judged by what is wanted of its data", () => {
    const wanted = (data: Record<string, unknown>) => (data.a === 1 ? undefined : "a is 1");
    expect(answersGraphql(seenSample(answer({ data: { a: 1 } })), "a is 1", wanted).verdict).toBe("pass");
    expect(answersGraphql(seenSample(answer({ data: { a: 2 } })), "a is 1", wanted)).toMatchObject({
      verdict: "fail",
      reason: "a is 1",
    });
    expect(answersGraphql(seenSample(answer({ data: { a: 1 } }, 500)), "a is 1", wanted).reason).toBe("status is 200 (met 500)");
    expect(answersGraphql(seenSample(answer(failing)), "a is 1", wanted).reason).toBe(
      "the API answers DEPENDENCY_UNAVAILABLE (s3): away",
    );
    expect(answersGraphql(seenSample(sampleOf({ error: { kind: "namespace", message: "gone" } })), "a").verdict).toBe("unknown");
  });
});
