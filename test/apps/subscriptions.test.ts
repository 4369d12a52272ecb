import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StandInProcess } from "./stand-in.ts";

// The API's WebSocket as a client speaks it, with Node's own client; no dependency is there.

let core: StandInProcess;
beforeAll(async () => {
  core = await (await StandInProcess.prepare("core")).ready();
});
afterAll(async () => {
  await core?.dispose();
});

interface Message {
  type: string;
  id?: string;
  payload?: unknown;
}

/** A WebSocket with what came over it; `next` waits for one more message, or for the close, which is its code. */
async function open(path = "/graphql", protocol = "graphql-transport-ws") {
  const socket = new WebSocket(core.url(path).replace("http", "ws"), protocol);
  const came: (Message | number)[] = [];
  let wake: () => void = () => {};
  const take = (one: Message | number) => {
    came.push(one);
    wake();
  };
  socket.addEventListener("message", ({ data }) => take(JSON.parse(String(data)) as Message));
  socket.addEventListener("close", ({ code }) => take(code));
  const opened = await new Promise<boolean>((resolve) => {
    socket.addEventListener("open", () => resolve(true));
    socket.addEventListener("error", () => resolve(false));
  });
  return {
    opened,
    protocol: socket.protocol,
    send: (message: object) => socket.send(JSON.stringify(message)),
    close: () => socket.close(),
    async next(): Promise<Message | number> {
      while (came.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return came.shift() as Message | number;
    },
  };
}

async function ready() {
  const socket = await open();
  socket.send({ type: "connection_init" });
  expect(await socket.next()).toEqual({ type: "connection_ack" });
  return socket;
}

describe("core over WebSocket", () => {
  test("takes the protocol that it speaks, acknowledges, and answers a query", async () => {
    const socket = await ready();
    expect(socket.protocol).toBe("graphql-transport-ws");
    socket.send({ type: "subscribe", id: "1", payload: { query: "{ __typename }" } });
    expect(await socket.next()).toEqual({ type: "next", id: "1", payload: { data: { __typename: "Query" } } });
    expect(await socket.next()).toEqual({ type: "complete", id: "1" });
    socket.close();
  });

  test("keeps a subscription open until it is told to end it", async () => {
    const socket = await ready();
    socket.send({ type: "subscribe", id: "1", payload: { query: "subscription { followPendingScrims { id } }" } });
    socket.send({ type: "ping" });
    // Nothing else came for the subscription: no broker is there that could send an event.
    expect(await socket.next()).toEqual({ type: "pong" });
    socket.send({ type: "complete", id: "1" });
    socket.send({ type: "subscribe", id: "2", payload: { query: "{ __typename }" } });
    expect(await socket.next()).toMatchObject({ type: "next", id: "2" });
    socket.close();
  });

  test("names the dependency that is missing, as over HTTP", async () => {
    const socket = await ready();
    socket.send({ type: "subscribe", id: "1", payload: { query: '{ scrim(id: "1") { id } }' } });
    expect(await socket.next()).toMatchObject({
      type: "next",
      payload: { errors: [{ extensions: { code: "DEPENDENCY_UNAVAILABLE", dependency: "rabbitmq" } }] },
    });
    socket.close();
  });

  test("refuses what HTTP refuses: introspection, what the schema lacks, what is no GraphQL", async () => {
    const socket = await ready();
    for (const query of ["{ __schema { types { name } } }", "subscription { nothing }", "{ broken"]) {
      socket.send({ type: "subscribe", id: query, payload: { query } });
      expect(await socket.next()).toMatchObject({ type: "error", id: query });
    }
    socket.close();
  });

  test("closes on a question before the acknowledgement with 4401", async () => {
    const socket = await open();
    socket.send({ type: "subscribe", id: "1", payload: { query: "{ __typename }" } });
    expect(await socket.next()).toBe(4401);
  });

  test("takes no WebSocket on another path, and no subscription over HTTP", async () => {
    expect((await open("/other")).opened).toBe(false);
    const answer = await fetch(core.url("/graphql"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: "subscription { followPendingScrims { id } }" }),
    });
    expect(answer.status).toBe(400);
  });

  test("ends with open sockets at SIGTERM, telling them", async () => {
    const own = await (await StandInProcess.prepare("core")).ready();
    try {
      const socket = new WebSocket(own.url("/graphql").replace("http", "ws"), "graphql-transport-ws");
      await new Promise((resolve) => socket.addEventListener("open", resolve));
      const closed = new Promise<number>((resolve) => socket.addEventListener("close", ({ code }) => resolve(code)));
      await own.kill("SIGTERM");
      expect(await closed).toBe(1001);
      expect(await own.exitCode()).toBe(0);
    } finally {
      await own.dispose();
    }
  });
});
