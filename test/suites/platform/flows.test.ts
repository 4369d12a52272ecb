import { describe, expect, test } from "vitest";
import "../../../suites/platform/flows.ts";
import type { AmqpResult } from "../../../src/history/sample.ts";
import { judged, refused, saw } from "../judged.ts";

const timeout = {
  data: { createScrim: null },
  errors: [{ message: "matchmaking did not answer", extensions: { code: "RPC_TIMEOUT" } }],
};

describe("a scrim", () => {
  const { graphql, redis, amqp, amqpFailed } = saw("platform/scrim");
  const created = graphql("create", { data: { createScrim: { id: "s1", status: "PENDING", players: ["1"] } } });
  const joined = graphql("join", { data: { joinScrim: { id: "s1", status: "POPPED", players: ["1", "2"] } } });
  const key = redis("key", ['{"id":"s1","players":["1","2"]}']);
  const late = graphql("create", timeout);
  const collected = (...bodies: [string, string][]) =>
    amqp("events on the exchange", [
      {
        do: "bindAndCollect",
        took: 1,
        bodies: bodies.map(([routingKey, body]) => ({ routingKey, body, at: 1 })),
      } satisfies AmqpResult,
    ]);
  const received = (...events: [string, string][]) =>
    graphql("events of the API", { data: { events: events.map(([topic, payload]) => ({ topic, payload })) } });

  test("reaches Redis under its key", () => {
    const id = "platform/scrim-reaches-redis";
    expect(judged(id, [created, joined, key]).verdict).toBe("pass");
    expect(judged(id, [created, joined, redis("key", [null])]).reason).toBe(
      "main:scrim:s1 in Redis is its JSON document (met nothing)",
    );
    expect(
      judged(id, [created, graphql("join", { data: { joinScrim: { status: "PENDING", players: ["1"] } } }), key]).verdict,
    ).toBe("fail");
    expect(judged(id, [late]).reason).toBe("the API answers RPC_TIMEOUT: matchmaking did not answer");
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [created, joined]).verdict).toBe("unknown");
  });
  test("is told to any consumer of the exchange", () => {
    const id = "platform/scrim-event-published";
    const told = collected(["scrim.created", '{"id":"s1"}'], ["scrim.updated", '{"id":"s1"}']);
    expect(judged(id, [created, told]).verdict).toBe("pass");
    expect(judged(id, [created, collected(["scrim.created", '{"id":"another"}'])]).reason).toBe(
      "events of the scrim on prod-events contain scrim.created (met nothing of it among 1 events)",
    );
    expect(judged(id, [created, amqpFailed("events on the exchange", refused)]).verdict).toBe("fail");
    expect(judged(id, [late, collected()]).reason).toBe("the API answers RPC_TIMEOUT: matchmaking did not answer");
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [created]).verdict).toBe("unknown");
  });
  test("is told to the API", () => {
    const id = "platform/scrim-event-reaches-api";
    expect(judged(id, [created, received(["scrim.created", '{"id":"s1"}'])]).verdict).toBe("pass");
    expect(judged(id, [created, received(["scrim.created", '{"id":"s0"}'])]).verdict).toBe("fail");
    expect(judged(id, [created, received()]).reason).toBe("events of the scrim at the API contain scrim.created (met none)");
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [created]).verdict).toBe("unknown");
  });
});

describe("platform/submission-kept", () => {
  const id = "platform/submission-kept";
  const { graphql, redis, sample } = saw("platform/submission");
  const created = graphql("create", { data: { createSubmission: { id: "u1", objectPath: "replays/u1.replay", bytes: 31 } } });
  const key = redis("key", ['{"id":"u1"}']);
  const object = (result: { body?: string; code?: string; status: number }) =>
    sample("object", {
      probe: "s3",
      due: 0,
      sent: 0,
      done: 1,
      phases: {},
      response: { results: [{ do: "get", took: 1, bytes: 0, ...result }] },
    });
  test("passes with its object and its key", () => {
    expect(judged(id, [created, key, object({ status: 200, body: "a replay of sprocket-resilience" })]).verdict).toBe("pass");
  });
  test("fails without one, or with other bytes", () => {
    expect(judged(id, [created, key, object({ status: 404, code: "NoSuchKey" })]).reason).toContain("(met NoSuchKey)");
    expect(judged(id, [created, key, object({ status: 200, body: "other" })]).verdict).toBe("fail");
    const body = object({ status: 200, body: "a replay of sprocket-resilience" });
    expect(judged(id, [created, redis("key", [null]), body]).verdict).toBe("fail");
    const failed = {
      data: { createSubmission: null },
      errors: [{ message: "NoSuchBucket", extensions: { code: "RPC_FAILED", dependency: "s3" } }],
    };
    expect(judged(id, [graphql("create", failed)]).reason).toBe("the API answers RPC_FAILED (s3): NoSuchBucket");
  });
  test("is unknown when nobody submitted, or nobody looked", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [created, key]).verdict).toBe("unknown");
  });
});

describe("platform/notification-kept", () => {
  const id = "platform/notification-kept";
  const { graphql, redis } = saw("platform/notification");
  const sent = graphql("notify", { data: { notify: { id: "n1", message: "m" } } });
  test("passes with its key", () => {
    expect(judged(id, [sent, redis("key", ['{"id":"n1"}'])]).verdict).toBe("pass");
  });
  test("fails without it", () => {
    expect(judged(id, [sent, redis("key", [null])]).reason).toBe(
      "main:notification:n1 in Redis is its JSON document (met nothing)",
    );
    expect(judged(id, [graphql("notify", timeout)]).verdict).toBe("fail");
  });
  test("is unknown when nothing was sent, or nobody looked", () => {
    expect(judged(id, []).verdict).toBe("unknown");
    expect(judged(id, [sent]).verdict).toBe("unknown");
  });
});
