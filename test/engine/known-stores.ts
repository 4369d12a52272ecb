import http, { type IncomingMessage, type ServerResponse } from "node:http";
import net, { type AddressInfo } from "node:net";
import type { LedgerStore } from "../../src/engine/agent-protocol.ts";

/**
 * What a store of known truth does with one write: keeps and acknowledges it; acknowledges and forgets it (data loss); keeps it and hangs up, or never
 * answers (nobody knows); refuses it.
 */
export type Treatment = "keep" | "forget" | "hang-up" | "no-answer" | "refuse";

/** Servers of each kind that a ledger knows, just enough of them to write numbers, read them back and remove them. What they hold is the truth. */
export interface KnownStore {
  store: LedgerStore;
  /** Numbers that it holds, with what stands there for each. */
  held: Map<string, string>;
  /** Asked once for each write. */
  treat: (seq: number) => Treatment;
  connections: () => number;
  close: () => void;
}

/** Takes a write as `treat` has it: whether it is to be answered, and how. */
function take(known: KnownStore, seq: string, entry: string): "acknowledge" | Exclude<Treatment, "keep" | "forget"> {
  const treatment = known.treat(Number(seq));
  if (treatment !== "refuse" && treatment !== "forget") known.held.set(seq, entry);
  return treatment === "keep" || treatment === "forget" ? "acknowledge" : treatment;
}

async function listen(server: net.Server): Promise<KnownStore> {
  let connections = 0;
  const open = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    connections++;
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    store: { kind: "redis", host: "127.0.0.1", port: (server.address() as AddressInfo).port, prefix: "" },
    held: new Map(),
    treat: () => "keep",
    connections: () => connections,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

type Exchange = (request: IncomingMessage & { whole: string; path: URL }, response: ServerResponse) => void;

async function overHttp(exchange: (known: KnownStore) => Exchange): Promise<{ known: KnownStore; url: string }> {
  let answer: Exchange = () => {};
  const server = http.createServer(async (request, response) => {
    let whole = "";
    for await (const chunk of request) whole += chunk;
    answer(Object.assign(request, { whole, path: new URL(request.url ?? "/", "http://known") }), response);
  });
  const known = await listen(server);
  answer = exchange(known);
  return { known, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Answers a write over HTTP, or does not. */
function settle(
  taken: ReturnType<typeof take>,
  { socket }: IncomingMessage,
  response: ServerResponse,
  answers: { acknowledge: () => void; refuse: () => void },
): void {
  response.on("error", () => {});
  if (taken === "hang-up") socket.destroy();
  else if (taken !== "no-answer") answers[taken]();
}

const message = (type: string, ...parts: (string | Buffer)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
};
const int16 = (value: number) => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

/** PostgreSQL's wire protocol, without TLS and passwords: the simple protocol alone. A second row of the same number can be held under "again N". */
async function postgres(): Promise<KnownStore> {
  const ready = message("Z", Buffer.from("I"));
  const refusal = (code: string, words: string) => message("E", Buffer.from(`SERROR\0VERROR\0C${code}\0M${words}\0\0`));
  const server = net.createServer((socket) => {
    let rest = Buffer.alloc(0);
    let started = false;
    const ask = (sql: string) => {
      const insert = /^INSERT INTO "the ""table""" \(seq\) VALUES \((\d+)\)$/.exec(sql);
      if (insert?.[1]) {
        const taken = take(known, insert[1], insert[1]);
        if (taken === "hang-up") socket.destroy();
        else if (taken === "refuse") socket.write(Buffer.concat([refusal("53100", "disk full"), ready]));
        else if (taken === "acknowledge") socket.write(Buffer.concat([message("C", "INSERT 0 1"), ready]));
      } else if (sql === 'SELECT seq FROM "the ""table"""') {
        const column = message("T", int16(1), "seq", int32(0), int16(0), int32(20), int16(8), int32(-1), int16(0));
        const rows = [...known.held.values()].map((value) =>
          message("D", int16(1), int32(Buffer.byteLength(value)), Buffer.from(value)),
        );
        socket.write(Buffer.concat([column, ...rows, message("C", `SELECT ${rows.length}`), ready]));
      } else if (sql === 'DELETE FROM "the ""table"""') {
        const removed = known.held.size;
        known.held.clear();
        socket.write(Buffer.concat([message("C", `DELETE ${removed}`), ready]));
      } else socket.write(Buffer.concat([refusal("42601", `not expected: ${sql}`), ready]));
    };
    socket.on("data", (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const head = started ? 1 : 0;
        if (rest.length < head + 4) return;
        const length = head + rest.readInt32BE(head);
        if (rest.length < length) return;
        const one = rest.subarray(0, length);
        rest = rest.subarray(length);
        if (!started) {
          started = true;
          socket.write(Buffer.concat([message("R", int32(0)), message("K", int32(1), int32(2)), ready]));
        } else if (one.toString("latin1", 0, 1) === "Q") ask(one.toString("utf8", 5, length - 1));
      }
    });
  });
  const known = await listen(server);
  const { port } = server.address() as AddressInfo;
  known.store = {
    kind: "postgres",
    host: "127.0.0.1",
    port,
    user: "u",
    database: "d",
    sslmode: "disable",
    table: 'the "table"',
    timeoutMs: 300,
  };
  return known;
}

/** S3, path style; a page of a listing holds three objects. */
async function s3(): Promise<KnownStore> {
  const { known, url } = await overHttp((known) => (request, response) => {
    const { path, method, whole } = request;
    const key = decodeURIComponent(path.pathname.replace(/^\/bucket\/?/, ""));
    const refuse = (status: number, code: string) => {
      response.writeHead(status).end(`<Error><Code>${code}</Code><Message>known</Message></Error>`);
    };
    if (!request.headers.authorization?.includes("Credential=access/")) return refuse(403, "AccessDenied");
    if (!path.pathname.startsWith("/bucket")) return refuse(404, "NoSuchBucket");
    if (method === "PUT") {
      settle(take(known, key.replace("a prefix/", ""), whole), request, response, {
        acknowledge: () => response.writeHead(200, { etag: '"known"' }).end(),
        refuse: () => refuse(503, "SlowDown"),
      });
    } else if (method === "DELETE") {
      known.held.delete(key.replace("a prefix/", ""));
      response.writeHead(204).end();
    } else {
      const all = [...known.held.keys()].sort();
      const from = Number(path.searchParams.get("continuation-token")?.replace("from=", "") ?? 0);
      const page = all.slice(from, from + 3).map((seq) => {
        return `<Contents><Key>a prefix/${seq}</Key><Size>${known.held.get(seq)?.length}</Size></Contents>`;
      });
      const more = from + 3 < all.length ? `<NextContinuationToken>from=${from + 3}</NextContinuationToken>` : "";
      response.end(`<ListBucketResult><IsTruncated>${more !== ""}</IsTruncated>${more}${page.join("")}</ListBucketResult>`);
    }
  });
  known.store = {
    kind: "s3",
    endpoint: url,
    accessKey: "access",
    secretKey: "secret",
    bucket: "bucket",
    prefix: "a prefix/",
    timeoutMs: 300,
  };
  return known;
}

/** Vault's kv store of version 2, mounted at "kv"; its token is "known". */
async function vault(tokenFile: string): Promise<KnownStore> {
  const { known, url } = await overHttp((known) => (request, response) => {
    const { path, method, whole } = request;
    const answer = (status: number, body?: object) => response.writeHead(status).end(body ? JSON.stringify(body) : undefined);
    if (request.headers["x-vault-token"] !== "known") return answer(403, { errors: ["permission denied"] });
    const [, part, seq = ""] = /^\/v1\/kv\/(data|metadata)\/the\/path\/(.*)$/.exec(path.pathname) ?? [];
    if (!part) return answer(404, { errors: [`no handler for route '${path.pathname.slice(4)}'`] });
    if (method === "POST") {
      const { data } = JSON.parse(whole) as { data: { seq: string } };
      settle(take(known, seq, data.seq), request, response, {
        acknowledge: () => answer(200, { data: { version: 1, destroyed: false } }),
        refuse: () => answer(503, { errors: ["Vault is sealed"] }),
      });
    } else if (method === "DELETE") {
      known.held.delete(seq);
      answer(204);
    } else if (path.searchParams.has("list")) {
      const keys = [...known.held.keys()];
      answer(keys.length > 0 ? 200 : 404, keys.length > 0 ? { data: { keys } } : { errors: [] });
    } else {
      const value = known.held.get(seq);
      // What was deleted is listed all the same; and so is what the storage has half of.
      if (value === "half") answer(500, { errors: ["1 error occurred:\n\t* could not find version data\n\n"] });
      else if (value === undefined || value === "") answer(404, { errors: [], data: { data: null } });
      else answer(200, { data: { data: { seq: value }, metadata: { version: 1 } } });
    }
  });
  known.store = { kind: "vault", url, tokenFile, mount: "kv", path: "the/path", timeoutMs: 300 };
  return known;
}

/** A GraphQL API that gives what it makes an id of its own. */
async function graphql(): Promise<KnownStore> {
  const { known, url } = await overHttp((known) => (request, response) => {
    const { query } = JSON.parse(request.whole) as { query: string };
    const answer = (body: object) => response.end(JSON.stringify(body));
    const [, mark, seq] = /^mutation \{ createScrim\(playerId: "((?:the-ledger-)(\d+))"\) \{ id \} \}$/.exec(query) ?? [];
    const [, name] = /^\{ scrim\(id: "id-of-(\d+)"\) \{ id players \} \}$/.exec(query) ?? [];
    if (mark && seq) {
      settle(take(known, seq, mark), request, response, {
        acknowledge: () => answer({ data: { createScrim: { id: `id-of-${seq}` } } }),
        refuse: () =>
          answer({ errors: [{ message: "no answer", extensions: { code: "RPC_TIMEOUT" } }], data: { createScrim: null } }),
      });
    } else if (name) {
      const player = known.held.get(name);
      answer({ data: { scrim: player === undefined ? null : { id: `id-of-${name}`, players: [player] } } });
    } else response.writeHead(400).end("not expected");
  });
  known.store = {
    kind: "graphql",
    url: `${url}/graphql`,
    mutation: 'mutation { createScrim(playerId: "{mark}") { id } }',
    query: '{ scrim(id: "{name}") { id players } }',
    prefix: "the-ledger-",
    timeoutMs: 300,
  };
  return known;
}

export const knownStores = { postgres, s3, vault, graphql };
