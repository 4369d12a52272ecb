import { createHash } from "node:crypto";
import http, { type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import { buildAgent, buildTimeout, startAgent } from "./agent-binary.ts";

// Frames by hand on both sides of what is under test: no library of WebSocket's has a say here.

const here = {};
let binary: ReturnType<typeof buildAgent>;
let client: AgentClient;
let server: http.Server;
let url: string;
/** What the server does with each text message, and what it got before. */
let answer: (socket: Socket, text: string, request: IncomingMessage) => void;
let accept = (key: string) => createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
const rightAccept = accept;
let got: string[];
let masked: boolean[];

const frame = (opcode: number, payload: string | Buffer, last = true): Buffer => {
  const body = Buffer.from(payload);
  const head = body.length < 126 ? Buffer.from([(last ? 0x80 : 0) | opcode, body.length]) : Buffer.alloc(4);
  if (body.length >= 126) {
    head[0] = (last ? 0x80 : 0) | opcode;
    head[1] = 126;
    head.writeUInt16BE(body.length, 2);
  }
  return Buffer.concat([head, body]);
};

/** The client's frames of less than 126 bytes; what is not whole yet stays for the next time. */
function* framesOf(unread: { bytes: Buffer }): Generator<{ opcode: number; text: string; masked: boolean }> {
  for (;;) {
    const { bytes } = unread;
    const length = (bytes[1] ?? 0) & 0x7f;
    if (bytes.length < 6 + length) return;
    const mask = bytes.subarray(2, 6);
    const body = bytes.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] as number));
    yield {
      opcode: (bytes[0] as number) & 0xf,
      text: Buffer.from(body).toString(),
      masked: ((bytes[1] as number) & 0x80) !== 0,
    };
    unread.bytes = bytes.subarray(6 + length);
  }
}

beforeAll(async () => {
  binary = buildAgent();
  client = startAgent(binary.path).client;
  server = http.createServer((_, response) => response.writeHead(400).end("not here"));
  server.on("upgrade", (request, socket: Socket) => {
    if (request.url === "/refused") {
      socket.end("HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\ngone");
      return;
    }
    const key = request.headers["sec-websocket-key"] ?? "";
    const [protocol] = (request.headers["sec-websocket-protocol"] ?? "").split(", ");
    socket.on("error", () => {});
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept(key)}\r\n${protocol ? `Sec-WebSocket-Protocol: ${protocol}\r\n` : ""}\r\n`,
    );
    const unread = { bytes: Buffer.alloc(0) };
    socket.on("data", (bytes) => {
      unread.bytes = Buffer.concat([unread.bytes, bytes]);
      for (const one of framesOf(unread)) {
        masked.push(one.masked);
        got.push(`${one.opcode} ${one.opcode === 8 ? one.text.charCodeAt(1) : one.text}`);
        if (one.opcode === 1) answer(socket, one.text, request);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, buildTimeout);

beforeEach(() => {
  got = [];
  masked = [];
  accept = rightAccept;
  answer = (socket, text) => socket.write(frame(1, `echo ${text}`));
});

afterAll(async () => {
  await client?.close();
  server?.closeAllConnections();
  server?.close();
  binary?.remove();
});

describe("a WebSocket", () => {
  it("is opened, spoken over in turn, and closed", async () => {
    const sample = await client.probe(here, {
      kind: "http",
      url: `${url}/graphql`,
      webSocket: { protocols: ["graphql-transport-ws", "other"], send: ["first", "second"], receive: 2 },
    });
    expect(sample.error).toBeUndefined();
    expect(sample.response).toMatchObject({ status: 101, headers: { upgrade: ["websocket"] } });
    const { key = "", ...seen } = sample.response?.webSocket ?? {};
    expect(seen).toEqual({
      accept: rightAccept(key),
      protocol: "graphql-transport-ws",
      messages: ["echo first", "echo second"],
    });
    expect(got.slice(0, 2)).toEqual(["1 first", "1 second"]);
    expect(masked).not.toContain(false);
    expect(sample.source).toMatch(/^127\.0\.0\.1:/);
    expect(sample.phases.firstByte).toBeGreaterThan(0);
  });

  it("waits for a message before it sends the next one", async () => {
    const order: string[] = [];
    answer = (socket, text) => {
      order.push(`got ${text}`);
      setTimeout(() => {
        order.push(`answered ${text}`);
        socket.write(frame(1, text));
      }, 30);
    };
    await client.probe(here, { kind: "http", url, webSocket: { send: ["a", "b"], receive: 2 } });
    expect(order).toEqual(["got a", "answered a", "got b", "answered b"]);
  });

  it("puts fragments together, answers pings between them, and passes over binary messages", async () => {
    answer = (socket) => {
      const long = "x".repeat(300);
      socket.write(
        Buffer.concat([
          frame(2, Buffer.from([0xff, 0])),
          frame(1, "one ", false),
          frame(9, "are you there"),
          frame(0, "message", true),
          frame(1, long),
        ]),
      );
    };
    const sample = await client.probe(here, { kind: "http", url, webSocket: { send: ["go"], receive: 2 } });
    expect(sample.error).toBeUndefined();
    expect(sample.response?.webSocket?.messages).toEqual(["one message", "x".repeat(300)]);
    expect(got).toContain("10 are you there");
  });

  it("tells the code with which the server closed, and what came before", async () => {
    answer = (socket, text) =>
      socket.write(
        Buffer.concat([
          frame(1, `last ${text}`),
          frame(8, Buffer.concat([Buffer.from([0x11, 0x31]), Buffer.from("Unauthorized")])),
        ]),
      );
    const sample = await client.probe(here, { kind: "http", url, webSocket: { send: ["a"], receive: 5 } });
    expect(sample.error?.kind).toBe("closed");
    expect(sample.response?.webSocket).toMatchObject({ messages: ["last a"], closeCode: 4401, closeReason: "Unauthorized" });
  });

  it("keeps what came before its deadline", async () => {
    const sample = await client.probe(here, {
      kind: "http",
      url,
      webSocket: { send: ["a"], receive: 2 },
      timeouts: { totalMs: 200 },
    });
    expect(sample.error?.kind).toBe("timeout");
    expect(sample.response?.webSocket?.messages).toEqual(["echo a"]);
  });

  it("does not go on when the answer does not belong to its key", async () => {
    accept = () => "bm90IGhlcmU=";
    const sample = await client.probe(here, { kind: "http", url, webSocket: { send: ["secret"], receive: 1 } });
    expect(sample.error).toMatchObject({ kind: "protocol", message: expect.stringContaining("Sec-WebSocket-Accept") });
    expect(sample.response?.webSocket?.accept).toBe("bm90IGhlcmU=");
    expect(got).toEqual([]);
  });

  it("is an HTTP answer like any other where it is refused", async () => {
    const sample = await client.probe(here, { kind: "http", url: `${url}/refused`, webSocket: { send: ["a"], receive: 1 } });
    expect(sample.error).toBeUndefined();
    expect(sample.response).toMatchObject({ status: 401, bodyText: "gone" });
    expect(sample.response?.webSocket).toBeUndefined();
  });

  it("is opened by a GET only", async () => {
    await expect(client.probe(here, { kind: "http", url, method: "POST", webSocket: {} })).rejects.toMatchObject({
      code: "E_AGENT_REFUSED",
      message: expect.stringContaining("GET"),
    });
  });
});
