import { describe, expect, test } from "vitest";
import { redirectsTo } from "../../src/check/redirect.ts";
import { responseOf, sampleOf } from "./a-history.ts";
import { seenSample } from "./samples.ts";

const answered = (status: number, location?: string) =>
  seenSample(sampleOf({ response: responseOf(status, location === undefined ? {} : { location }) }));

describe("a stranger", () => {
  test("who is sent to the gatekeeper met a closed door", () => {
    expect(redirectsTo(answered(307, "https://fa.example.test/login?rule=x"), "fa.{host}")).toMatchObject({
      verdict: "pass",
      expected: "redirect to fa.example.test",
    });
  });
  test("is sent to the domain that the caller names", () => {
    expect(redirectsTo(answered(302, "https://fa.other.test/"), "fa.{host}", "other.test").verdict).toBe("pass");
  });
  test.each([
    [500, undefined, /gatekeeper is broken, which is not a closed door: status 500/],
    [200, undefined, /open to strangers/],
    [404, undefined, /no such route/],
    [403, undefined, /refused without a way to log in/],
    [302, undefined, /without a Location/],
    [302, "https://evil.test/fa.example.test", /redirects to evil.test instead of fa.example.test/],
    [302, "/login", /redirects to dashboard.example.test instead/],
  ])("who meets %i %s did not", (status, location, reason) => {
    expect(redirectsTo(answered(status, location), "fa.{host}")).toMatchObject({
      verdict: "fail",
      reason: expect.stringMatching(reason),
    });
  });
  test("who meets nobody did not", () => {
    const event = seenSample(sampleOf({ error: { kind: "tls", message: "bad certificate" } }));
    expect(redirectsTo(event, "fa.{host}")).toMatchObject({
      verdict: "fail",
      reason: expect.stringContaining("tls: bad certificate"),
    });
  });
  test("who never set out is unknown", () => {
    expect(redirectsTo(seenSample(sampleOf({ error: { kind: "namespace", message: "gone" } })), "fa.{host}").verdict).toBe(
      "unknown",
    );
  });
});
