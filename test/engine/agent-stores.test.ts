import net, { type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import type { LedgerSample } from "../../src/history/sample.ts";
import { buildAgent, buildTimeout, startAgent, until } from "./agent-binary.ts";

const here = {};
let binary: ReturnType<typeof buildAgent>;
let client: AgentClient;
const servers: net.Server[] = [];

async function listen(onSocket: (socket: net.Socket) => void): Promise<{ host: string; port: number }> {
  const server = net.createServer((socket) => {
    socket.on("error", () => {});
    onSocket(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** Just enough of Redis: AUTH, SET, GET, SCAN. `lose` takes writes, acknowledges none of them and hangs up. */
function fakeRedis(options: { password: string; keys: Map<string, string>; lose?: () => boolean }) {
  return (socket: net.Socket) => {
    let known = false;
    let buffer = "";
    const answer = (words: string[]): string => {
      const [name = "", ...rest] = words;
      if (name === "AUTH") {
        known = rest[0] === options.password;
        return known ? "+OK\r\n" : "-WRONGPASS invalid username-password pair or user is disabled.\r\n";
      }
      if (!known) return "-NOAUTH Authentication required.\r\n";
      if (name === "SET") {
        options.keys.set(rest[0] as string, rest[1] as string);
        return "+OK\r\n";
      }
      if (name === "GET") {
        const value = options.keys.get(rest[0] as string);
        return value === undefined ? "$-1\r\n" : `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
      }
      if (name === "SCAN") {
        const prefix = (rest[2] as string).replace(/\*$/, "");
        const found = [...options.keys.keys()].filter((key) => key.startsWith(prefix));
        return `*2\r\n$1\r\n0\r\n*${found.length}\r\n${found.map((key) => `$${key.length}\r\n${key}\r\n`).join("")}`;
      }
      return `-ERR unknown command '${name}'\r\n`;
    };
    socket.on("data", (chunk) => {
      buffer += chunk;
      for (;;) {
        const head = /^\*(\d+)\r\n/.exec(buffer);
        if (!head) return;
        const words = buffer
          .slice(head[0].length)
          .split("\r\n")
          .filter((_, i) => i % 2 === 1);
        if (words.length < Number(head[1])) return;
        buffer = "";
        if (words[0] === "SET" && options.lose?.()) socket.destroy();
        else socket.write(answer(words.slice(0, Number(head[1]))));
      }
    });
  };
}

beforeAll(() => {
  binary = buildAgent();
  client = startAgent(binary.path).client;
}, buildTimeout);

afterAll(async () => {
  for (const server of servers) server.close();
  await client?.close();
  binary?.remove();
});

describe("redis", () => {
  it("gives replies as data, errors too, and refusal of the password as kind auth", async () => {
    const at = await listen(fakeRedis({ password: "right", keys: new Map([["k", "välue"]]) }));
    const closed = await client.probe(here, { kind: "redis", ...at, commands: [["GET", "k"]] });
    expect(closed.response?.replies).toEqual([{ error: "NOAUTH Authentication required." }]);
    expect(closed.error).toBeUndefined();
    const wrong = await client.probe(here, { kind: "redis", ...at, password: "wrong", commands: [["GET", "k"]] });
    expect(wrong.error).toMatchObject({ kind: "auth", message: expect.stringContaining("WRONGPASS") });
    const open = await client.probe(here, {
      kind: "redis",
      ...at,
      password: "right",
      commands: [["GET", "k"], ["GET", "none"], ["NOPE"]],
    });
    expect(open.response?.replies).toEqual(["välue", null, { error: "ERR unknown command 'NOPE'" }]);
    expect(open.source).toMatch(/^127\.0\.0\.1:/);
  });

  it("says protocol when it is none", async () => {
    const at = await listen((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    const sample = await client.probe(here, { kind: "redis", ...at, commands: [["PING"]] });
    expect(["protocol", "reset"]).toContain(sample.error?.kind);
  });
});

describe("ledger", () => {
  it("knows which writes were acknowledged, and reads back what is there", async () => {
    const keys = new Map<string, string>();
    let losing = false;
    const at = await listen(fakeRedis({ password: "p", keys, lose: () => losing }));
    const store = { kind: "redis", ...at, password: "p", prefix: "main:ledger:" } as const;
    const samples: LedgerSample[] = [];
    const running = client.ledger(here, store, { fromSequence: 1000, ratePerSecond: 200, count: 300 }, (batch) =>
      samples.push(...batch),
    );
    await until(() => samples.length > 50);
    losing = true;
    await until(() => samples.some((sample) => sample.error));
    losing = false;
    const result = await running.done;
    expect(result).toMatchObject({ planned: 300, sent: 300, notSent: 0 });
    expect(samples.map((sample) => sample.seq).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 300 }, (_, i) => 1000 + i),
    );
    const acked = samples.filter((sample) => sample.acked !== undefined);
    const lost = samples.filter((sample) => sample.acked === undefined);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every((sample) => sample.error)).toBe(true);
    expect(acked.length).toBe(keys.size);
    keys.set("main:ledger:other", "x");
    keys.set("elsewhere:5000", "5000");
    const read = await client.ledgerRead(here, store);
    expect(read.count).toBe(acked.length);
    expect(read.foreign).toBe(1);
    expect(read.found[0]?.[0]).toBe(1000);
    const covered = (seq: number) => read.found.some(([from, to]) => seq >= from && seq <= to);
    expect(acked.every((sample) => covered(sample.seq))).toBe(true);
    expect(lost.some((sample) => covered(sample.seq))).toBe(false);
  });

  it("writes as fast as it is acknowledged", async () => {
    const keys = new Map<string, string>();
    const at = await listen(fakeRedis({ password: "p", keys }));
    const samples: LedgerSample[] = [];
    const store = { kind: "redis", ...at, password: "p", prefix: "l:" } as const;
    const result = await client.ledger(here, store, { fromSequence: 1, asFastAs: 4, count: 500 }, (batch) =>
      samples.push(...batch),
    ).done;
    expect(result.planned).toBe(500);
    expect(samples.every((sample) => sample.acked !== undefined)).toBe(true);
    expect(keys.size).toBe(500);
  });

  it("tells an unreadable store from an empty one", async () => {
    const at = await listen((socket) => socket.destroy());
    const read = await client.ledgerRead(here, { kind: "redis", ...at, prefix: "l:" });
    expect(read.count).toBe(0);
    expect(read.error).toBeDefined();
  });
});

describe("postgres", () => {
  it("reports that TLS is refused, and the SQLSTATE and message of a refused session", async () => {
    const noTls = await listen((socket) => socket.once("data", () => socket.end("N")));
    const base = { kind: "postgres", user: "u", password: "p", database: "d" } as const;
    const queries = [{ sql: "select 1" }];
    const plain = await client.probe(here, { ...base, ...noTls, queries, sslmode: "require" });
    expect(plain.error?.kind).toBe("tls");
    const fields = "SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0";
    const message = Buffer.alloc(5 + fields.length);
    message.write("E");
    message.writeInt32BE(4 + fields.length, 1);
    message.write(fields, 5);
    const full = await listen((socket) => socket.once("data", () => socket.end(message)));
    const refused = await client.probe(here, { ...base, ...full, queries, sslmode: "disable" });
    expect(refused.error).toMatchObject({ code: "53300", message: expect.stringContaining("too many clients") });
    const fill = await client.probe(here, {
      kind: "postgres-fill",
      ...full,
      user: "u",
      password: "p",
      database: "d",
      sslmode: "disable",
    });
    expect(fill.response).toMatchObject({
      opened: 0,
      refused: { sqlstate: "53300", message: "sorry, too many clients already" },
    });
  });
});

describe("amqp", () => {
  it("asks as AMQP 0-9-1 does, and reports a hang-up", async () => {
    let head = "";
    const at = await listen((socket) =>
      socket.once("data", (chunk) => {
        head = chunk.toString("latin1");
        socket.end();
      }),
    );
    const sample = await client.probe(here, {
      kind: "amqp",
      ...at,
      user: "guest",
      password: "guest",
      actions: [{ do: "queueInfo", name: "q" }],
    });
    expect(head).toBe("AMQP\0\0\x09\x01");
    expect(sample.error?.kind).toBe("closed");
    expect(sample.source).toMatch(/^127\.0\.0\.1:/);
  });
});
