import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { webcrypto } from "node:crypto";
import dgram from "node:dgram";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AgentClient } from "../../src/engine/agent-client.ts";
import type { ProbeTls } from "../../src/engine/agent-protocol.ts";
import type { ResilienceError } from "../../src/history/errors.ts";
import { buildAgent, buildTimeout, startAgent, until } from "./agent-binary.ts";

const here = {};
const asRoot = process.getuid?.() === 0;
/** Port of a server that was closed at once: nothing listens there. */
let closedPort: number;
let folder: string;
let binary: ReturnType<typeof buildAgent>;
let client: AgentClient;
const servers: { close(): unknown }[] = [];

async function listen(server: net.Server, where: { host?: string; path?: string } = { host: "127.0.0.1" }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(where.path ? { path: where.path } : { port: 0, host: where.host }, resolve));
  servers.push(server);
  return where.path ? 0 : (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  binary = buildAgent();
  folder = mkdtempSync(join(tmpdir(), "sprocket-agent-test-"));
  client = startAgent(binary.path).client;
  const gone = net.createServer();
  closedPort = await listen(gone);
  await new Promise((resolve) => gone.close(resolve));
}, buildTimeout);

afterAll(async () => {
  for (const server of servers) server.close();
  await client?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
  binary?.remove();
});

describe("conversation", () => {
  it("says hello and lets its clock be measured", async () => {
    const hello = await client.hello();
    expect(hello.agent).toBe("sprocket-agent");
    const first = await client.clock();
    expect(first.errorNs).toBeGreaterThan(0);
    expect(first.errorNs).toBeLessThan(20e6);
    const second = await client.clock();
    expect(Math.abs(first.offsetNs - second.offsetNs)).toBeLessThan(first.errorNs + second.errorNs + 1e5);
  });

  it("exits when its input ends, and rejects what was pending with E_AGENT_GONE", async () => {
    const own = startAgent(binary.path);
    const silent = net.createServer();
    const port = await listen(silent);
    const pending = own.client.probe(here, {
      kind: "tcp",
      host: "127.0.0.1",
      port,
      readUntilMs: 60_000,
      timeouts: { totalMs: 60_000 },
    });
    const seen = pending.then(
      () => "a sample",
      (error: ResilienceError) => error.code,
    );
    await until(() => (silent as unknown as { _connections: number })._connections > 0);
    const began = Date.now();
    await own.client.close();
    expect(await own.exited).toBe(0);
    expect(Date.now() - began).toBeLessThan(3000);
    expect(await seen).toBe("E_AGENT_GONE");
    await expect(own.client.hello()).rejects.toMatchObject({ code: "E_AGENT_GONE" });
  });

  it("ends one probe that is aborted, and nothing else", async () => {
    const silent = net.createServer();
    const port = await listen(silent);
    const long = { kind: "tcp", host: "127.0.0.1", port, readUntilMs: 1000 } as const;
    const other = client.probe(here, long);
    const abort = new AbortController();
    const aborted = client.probe(here, { ...long, readUntilMs: 60_000, timeouts: { totalMs: 60_000 } }, { signal: abort.signal });
    await until(() => (silent as unknown as { _connections: number })._connections === 2);
    abort.abort();
    await expect(aborted).rejects.toMatchObject({ code: "E_AGENT_CANCELLED" });
    expect((await other).error).toBeUndefined();
  });

  it("rejects with E_AGENT_GONE when it is killed", async () => {
    const own = startAgent(binary.path);
    await own.client.hello();
    const silent = net.createServer();
    const port = await listen(silent);
    const pending = own.client.probe(here, {
      kind: "tcp",
      host: "127.0.0.1",
      port,
      readUntilMs: 60_000,
      timeouts: { totalMs: 60_000 },
    });
    own.child.kill("SIGKILL");
    await expect(pending).rejects.toMatchObject({ code: "E_AGENT_GONE" });
  });

  it("refuses what makes no sense, naming it", async () => {
    await expect(client.probe(here, { kind: "http", url: "ftp://x/" })).rejects.toMatchObject({
      code: "E_AGENT_REFUSED",
      message: expect.stringContaining("ftp://x/"),
    });
    // A field that the agent does not know must not be ignored in silence.
    await expect(client.probe(here, { kind: "tcp", host: "127.0.0.1", port: 1, sned: "x" } as never)).rejects.toMatchObject({
      message: expect.stringContaining("sned"),
    });
  });

  it("stays small when idle, and does nothing", async () => {
    const own = startAgent(binary.path);
    await own.client.hello();
    const status = readFileSync(`/proc/${own.child.pid}/status`, "utf8");
    const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    expect(rss).toBeLessThan(15 * 1024);
    const ticks = () => {
      const fields = readFileSync(`/proc/${own.child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return Number(fields[11]) + Number(fields[12]);
    };
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(ticks() - before).toBeLessThanOrEqual(2); // of 100 a second
    await own.client.close();
  });
});

describe("http", () => {
  let port: number;
  beforeAll(async () => {
    port = await listen(
      http.createServer((request, response) => {
        if (request.url === "/redirect") response.writeHead(302, { location: "/elsewhere" }).end();
        else if (request.url === "/bytes") response.end(Buffer.from([0xff, 0xfe, 0x00]));
        else if (request.url === "/half") {
          response.writeHead(200, { "content-length": "100" });
          response.write("half");
          setTimeout(() => response.destroy(), 50);
        } else if (request.url === "/never") {
          // no answer
        } else {
          response.setHeader("Set-Cookie", ["a=1", "b=2"]);
          let body = "";
          request.on("data", (chunk) => {
            body += chunk;
          });
          request.on("end", () =>
            setTimeout(
              () =>
                response.end(
                  JSON.stringify({ method: request.method, host: request.headers.host, key: request.headers["x-key"], body }),
                ),
              40,
            ),
          );
        }
      }),
    );
  });

  it("records what came back, from where, and how long each phase took", async () => {
    writeFileSync(join(folder, "key"), "from-a-file\n");
    const sample = await client.probe(here, {
      kind: "http",
      url: `http://web.example:${port}/`,
      method: "POST",
      body: "hällo",
      headersFromFile: { "X-Key": join(folder, "key") },
      resolve: { address: "127.0.0.1" },
    });
    expect(sample.error).toBeUndefined();
    expect(sample.response?.status).toBe(200);
    expect(JSON.parse(sample.response?.bodyText ?? "")).toEqual({
      method: "POST",
      host: `web.example:${port}`,
      key: "from-a-file",
      body: "hällo",
    });
    expect(sample.response?.headers?.["set-cookie"]).toEqual(["a=1", "b=2"]);
    expect(sample.response?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(sample.source).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(sample.peer).toBe(`127.0.0.1:${port}`);
    const { connect = 0, write = 0, firstByte = 0, body = 0, dns, tls } = sample.phases;
    expect(dns).toBeUndefined();
    expect(tls).toBeUndefined();
    expect(connect).toBeGreaterThan(0);
    expect(firstByte).toBeGreaterThan(38e6);
    expect(sample.due).toBe(sample.sent);
    expect(connect + write + firstByte + body).toBeLessThanOrEqual(sample.done - sample.sent);
  });

  it("follows nothing, cuts what is long, and keeps bytes as bytes", async () => {
    const redirect = await client.probe(here, { kind: "http", url: `http://127.0.0.1:${port}/redirect` });
    expect(redirect.response).toMatchObject({ status: 302, headers: { location: ["/elsewhere"] } });
    const bytes = await client.probe(here, { kind: "http", url: `http://127.0.0.1:${port}/bytes` });
    expect(bytes.response).toMatchObject({ bodyEncoding: "base64", bodyText: "//4A", bytes: 3 });
    const cut = await client.probe(here, { kind: "http", url: `http://127.0.0.1:${port}/`, maxBodyBytes: 5 });
    expect(cut.response).toMatchObject({ truncated: true, bodyText: '{"met' });
  });

  it("keeps what came before the connection broke", async () => {
    const half = await client.probe(here, { kind: "http", url: `http://127.0.0.1:${port}/half` });
    expect(half.response).toMatchObject({ status: 200, bodyText: "half", bytes: 4 });
    expect(["closed", "reset"]).toContain(half.error?.kind);
  });

  it("ends at its deadline", async () => {
    const never = await client.probe(here, { kind: "http", url: `http://127.0.0.1:${port}/never`, timeouts: { totalMs: 200 } });
    expect(never.error?.kind).toBe("timeout");
    expect(never.source).toMatch(/^127/);
    expect(never.done - never.sent).toBeGreaterThan(195e6);
    expect(never.done - never.sent).toBeLessThan(600e6);
  });

  it("speaks over a Unix socket", async () => {
    const socketPath = join(folder, "api.sock");
    await listen(
      http.createServer((request, response) => response.end(`${request.headers.host} ${request.url}`)),
      { path: socketPath },
    );
    const sample = await client.probe(here, { kind: "http", url: "http://docker/v1.41/info?a=b", socketPath });
    expect(sample.response?.bodyText).toBe("docker /v1.41/info?a=b");
    expect(sample.peer).toBe(socketPath);
  });
});

describe("kinds of errors", () => {
  it("tells refused from a connection that is not taken in time", async () => {
    const refused = await client.probe(here, { kind: "tcp", host: "127.0.0.1", port: closedPort });
    expect(refused.error?.kind).toBe("connect-refused");
    expect(refused.peer).toBe(`127.0.0.1:${closedPort}`);
    // A full backlog makes the kernel drop the handshake: nobody answers.
    const stuck = execStuckListener();
    try {
      const port = await stuck.port;
      const late = await client.probe(here, { kind: "tcp", host: "127.0.0.1", port, timeouts: { connectMs: 300 } });
      expect(late.error?.kind).toBe("connect-timeout");
      expect(late.done - late.sent).toBeGreaterThan(295e6);
    } finally {
      stuck.end();
    }
  });

  it("tells a reset from a hang-up", async () => {
    const port = await listen(
      net.createServer((socket) => {
        socket.on("error", () => {});
        socket.once("data", (chunk) => (String(chunk).includes("/reset") ? socket.resetAndDestroy() : socket.end()));
      }),
    );
    const reset = await client.probe(here, { kind: "http", url: `http://127.0.0.1:${port}/reset` });
    expect(reset.error?.kind).toBe("reset");
    const closed = await client.probe(here, { kind: "http", url: `http://127.0.0.1:${port}/close` });
    expect(closed.error?.kind).toBe("closed");
  });

  it("says protocol when the other end speaks something else", async () => {
    const port = await listen(net.createServer((socket) => socket.on("error", () => {}).end("220 mail.example ESMTP\r\n")));
    const sample = await client.probe(here, { kind: "http", url: `http://127.0.0.1:${port}/` });
    expect(sample.error?.kind).toBe("protocol");
    const tcp = await client.probe(here, { kind: "tcp", host: "127.0.0.1", port, readUntilMs: 1000 });
    expect(tcp.response).toMatchObject({ text: "220 mail.example ESMTP\r\n", closed: true });
  });
});

/** A listener that never accepts, with its backlog already full. */
function execStuckListener(): { port: Promise<number>; end: () => void } {
  const script = `
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(0)
held = []
for _ in range(4):
    c = socket.socket(); c.setblocking(False)
    try: c.connect(s.getsockname())
    except BlockingIOError: pass
    held.append(c)
print(s.getsockname()[1], flush=True)
sys.stdin.read()`;
  const child = spawn("python3", ["-c", script], { stdio: ["pipe", "pipe", "inherit"] });
  return {
    port: new Promise((resolve) => child.stdout.once("data", (line) => resolve(Number(String(line))))),
    end: () => child.kill(),
  };
}

describe("tls", () => {
  let port: number;
  let caPem: string;
  let identity: { key: string; cert: string };
  beforeAll(async () => {
    x509.cryptoProvider.set(webcrypto as never);
    const alg = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const [caKeys, keys] = [
      await webcrypto.subtle.generateKey(alg, true, ["sign", "verify"]),
      await webcrypto.subtle.generateKey(alg, true, ["sign", "verify"]),
    ];
    const notBefore = new Date(Date.now() - 3600e3);
    const notAfter = new Date(Date.now() + 3600e3);
    const ca = await x509.X509CertificateGenerator.createSelfSigned({
      name: "CN=Test authority",
      notBefore,
      notAfter,
      keys: caKeys as never,
      signingAlgorithm: alg,
      extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
    });
    const leaf = await x509.X509CertificateGenerator.create({
      subject: "CN=web.example",
      issuer: ca.subject,
      notBefore,
      notAfter,
      signingKey: caKeys.privateKey as never,
      publicKey: keys.publicKey as never,
      signingAlgorithm: alg,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "web.example" }])],
    });
    caPem = ca.toString("pem");
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
    const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8}\n-----END PRIVATE KEY-----`;
    identity = { key, cert: leaf.toString("pem") };
    port = await listen(https.createServer({ ...identity, minVersion: "TLSv1.2" }, (_, response) => response.end("secret")));
  });

  it("records the chain and speaks when it is trusted", async () => {
    const sample = await client.probe(here, {
      kind: "http",
      url: `https://web.example:${port}/`,
      resolve: { address: "127.0.0.1" },
      tls: { caPem },
    });
    expect(sample.error).toBeUndefined();
    expect(sample.response?.bodyText).toBe("secret");
    expect(sample.phases.tls).toBeGreaterThan(0);
    expect(sample.tls).toMatchObject({ version: "1.3", serverName: "web.example", alpn: "http/1.1" });
    expect(sample.tls?.chain?.[0]).toMatchObject({
      subject: "CN=web.example",
      issuer: "CN=Test authority",
      sans: ["web.example"],
    });
    expect(sample.tls?.chain?.[0]?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(sample.tls?.verifyError).toBeUndefined();
  });

  it("sends nothing on a chain that is not trusted, and still shows it", async () => {
    const other = await client.probe(here, {
      kind: "http",
      url: `https://other.example:${port}/`,
      resolve: { address: "127.0.0.1" },
      tls: { caPem },
    });
    expect(other.error?.kind).toBe("tls");
    expect(other.response).toBeUndefined();
    expect(other.tls?.verifyError).toContain("other.example");
    expect(other.tls?.chain).toHaveLength(1);
    const untrusted = await client.probe(here, { kind: "tls", host: "127.0.0.1", port, tls: { serverName: "web.example" } });
    expect(untrusted.error?.kind).toBe("tls");
  });

  it("goes on when told to, and says why it should not have", async () => {
    const sample = await client.probe(here, {
      kind: "http",
      url: `https://127.0.0.1:${port}/`,
      tls: { insecure: true, maxVersion: "1.2" },
    });
    expect(sample.response?.status).toBe(200);
    expect(sample.tls?.version).toBe("1.2");
    expect(sample.tls?.verifyError).toBeTruthy();
  });

  it("reports a version that the server does not speak, by the number of its alert", async () => {
    const sample = await client.probe(here, {
      kind: "tls",
      host: "web.example",
      port,
      resolve: { address: "127.0.0.1" },
      tls: { insecure: true, minVersion: "1.0", maxVersion: "1.1" },
    });
    expect(sample.error).toMatchObject({ kind: "tls", code: "70", message: expect.stringContaining("protocol version") });
    expect(sample.tls).toEqual({ serverName: "web.example", sni: "web.example" });
  });

  it("sends a name, none for a literal address, and none when told so, and verifies all the same", async () => {
    const seen: (string | false | null)[] = [];
    const own = await listen(
      tls.createServer({ ...identity }, (socket) => {
        seen.push(socket.servername);
        socket.on("error", () => {}).end();
      }),
    );
    const ask = (tlsOptions: ProbeTls, host = "web.example") =>
      client.probe(here, {
        kind: "tls",
        host,
        port: own,
        tls: { caPem, ...tlsOptions },
        ...(host === "web.example" ? { resolve: { address: "127.0.0.1" } } : {}),
      });
    const named = await ask({});
    expect(named.tls).toMatchObject({ serverName: "web.example", sni: "web.example" });
    const nameless = await ask({ sni: false });
    expect(nameless.error).toBeUndefined();
    expect(nameless.tls?.serverName).toBe("web.example");
    expect(nameless.tls).not.toHaveProperty("sni");
    const literal = await ask({ insecure: true }, "127.0.0.1");
    expect(literal.tls).not.toHaveProperty("sni");
    expect(literal.tls?.verifyError).toContain("127.0.0.1");
    await until(() => seen.length === 3);
    expect(seen).toEqual(["web.example", false, false]);
  });

  it("shows source, look-up and chain of a store's TLS as of HTTP's", async () => {
    const stores = tls.createServer({ ...identity }, (socket) => {
      socket
        .on("error", () => {})
        .once("data", (bytes) => {
          if (bytes.toString("latin1").startsWith("AMQP")) socket.end();
          else socket.end("+PONG\r\n");
        });
    });
    const at = { host: "redis.localhost", port: await listen(stores), tls: { caPem, serverName: "web.example" } };
    const redis = await client.probe(here, { kind: "redis", ...at, commands: [["PING"]] });
    expect(redis.response?.replies).toEqual(["PONG"]);
    const amqp = await client.probe(here, { kind: "amqp", ...at, user: "u", password: "p", actions: [] });
    expect(amqp.error?.kind).toBe("closed");
    for (const sample of [redis, amqp]) {
      expect(sample.source).toMatch(/^127\.0\.0\.1:\d+$/);
      expect(sample.peer).toBe(`127.0.0.1:${at.port}`);
      expect(sample.resolved).toMatchObject({ server: "RFC 6761", name: "redis.localhost" });
      expect(sample.tls).toMatchObject({ serverName: "web.example", sni: "web.example", version: "1.3" });
      expect(sample.tls?.chain?.[0]?.subject).toBe("CN=web.example");
      expect(sample.phases.tls).toBeGreaterThan(0);
    }
    const untrusted = await client.probe(here, { kind: "redis", ...at, tls: { serverName: "web.example" }, commands: [] });
    expect(untrusted.error?.kind).toBe("tls");
    expect(untrusted.tls?.verifyError).toBeTruthy();
  });
});

describe("dns", () => {
  let server: string;
  beforeAll(async () => {
    const socket = dgram.createSocket("udp4");
    socket.on("message", (question, from) => {
      const name = question.subarray(12, question.indexOf(0, 12)).toString("latin1");
      const end = question.indexOf(0, 12) + 5;
      const known = name.includes("known") && !name.includes("unknown");
      const answer = known && question.readUInt16BE(end - 4) === 1;
      const head = Buffer.from(question.subarray(0, end));
      head.writeUInt16BE(0x8180 | (known ? 0 : 3), 2);
      head.writeUInt16BE(answer ? 1 : 0, 6);
      head.fill(0, 8, 12);
      const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 42, 0, 4, 127, 0, 0, 1]);
      socket.send(answer ? Buffer.concat([head, record]) : head, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
    servers.push(socket);
    server = `127.0.0.1:${socket.address().port}`;
  });

  it("reports code, answers and their life", async () => {
    const known = await client.probe(here, { kind: "dns", name: "known.example", server });
    expect(known.response).toMatchObject({
      rcode: "NOERROR",
      transport: "udp",
      answers: [{ type: "A", ttl: 42, data: "127.0.0.1" }],
    });
    expect(known.source).toMatch(/^127\.0\.0\.1:/);
    const unknown = await client.probe(here, { kind: "dns", name: "unknown.example", server });
    expect(unknown.response).toMatchObject({ rcode: "NXDOMAIN", answers: [] });
    expect(unknown.error).toBeUndefined();
  });

  it("is asked by other probes, who record the answer", async () => {
    const port = await listen(http.createServer((_, response) => response.end()));
    const found = await client.probe(here, { kind: "http", url: `http://known.example:${port}/`, resolve: { server } });
    expect(found.response?.status).toBe(200);
    expect(found.resolved).toEqual({ server, name: "known.example", rcode: "NOERROR", answers: ["127.0.0.1"] });
    expect(found.phases.dns).toBeGreaterThan(0);
    const lost = await client.probe(here, { kind: "http", url: `http://unknown.example:${port}/`, resolve: { server } });
    expect(lost.error?.kind).toBe("dns");
    expect(lost.resolved?.rcode).toBe("NXDOMAIN");
    expect(lost.source).toBeUndefined();
  });

  it("reads the place's hosts file first", async () => {
    const port = await listen(http.createServer((_, response) => response.end()));
    const sample = await client.probe(here, { kind: "http", url: `http://localhost:${port}/` });
    expect(sample.resolved?.server).toBe("/etc/hosts");
    expect(sample.response?.status).toBe(200);
  });

  it("takes localhost names for loopback without asking anybody, unless a server is named", async () => {
    const port = await listen(http.createServer((request, response) => response.end(request.headers.host)));
    for (const host of ["traefik.localhost", "A.B.LocalHost", "web.localhost."]) {
      const sample = await client.probe(here, { kind: "http", url: `http://${host}:${port}/` });
      expect(sample.resolved).toEqual({ server: "RFC 6761", name: host, answers: ["127.0.0.1", "::1"] });
      expect(sample.peer).toBe(`127.0.0.1:${port}`);
    }
    const asked = await client.probe(here, { kind: "http", url: `http://web.localhost:${port}/`, resolve: { server } });
    expect(asked.resolved).toMatchObject({ server, rcode: "NXDOMAIN" });
    expect(asked.error?.kind).toBe("dns");
  });
});

describe.runIf(asRoot)("network namespaces", () => {
  let inside: ChildProcess;
  let port: number;
  beforeAll(async () => {
    // A namespace of its own with one server in it, on an address that the agent's namespace does not have.
    const script = `
const { execFileSync } = require("node:child_process");
execFileSync("ip", ["link", "set", "lo", "up"]);
execFileSync("ip", ["addr", "add", "198.51.100.7/32", "dev", "lo"]);
const server = require("node:http").createServer((request, response) => response.end("inside " + request.socket.remoteAddress));
server.listen(0, "198.51.100.7", () => console.log(server.address().port));`;
    inside = spawn("unshare", ["-n", process.execPath, "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    port = await new Promise((resolve) => inside.stdout?.once("data", (line) => resolve(Number(String(line)))));
  });
  afterAll(() => inside?.kill());

  it("probes from inside, and only from there", async () => {
    const url = `http://198.51.100.7:${port}/`;
    const seen = await client.probe({ netnsPid: inside.pid as number }, { kind: "http", url });
    expect(seen.response?.bodyText).toBe("inside 198.51.100.7");
    expect(seen.source).toMatch(/^198\.51\.100\.7:/);
    const byPath = await client.probe({ netnsPath: `/proc/${inside.pid}/ns/net` }, { kind: "http", url });
    expect(byPath.response?.status).toBe(200);
    const outside = await client.probe(here, { kind: "http", url, timeouts: { totalMs: 300 } });
    expect(outside.response).toBeUndefined();
    // The way back: the agent's own namespace is as it was, on every thread.
    const back = await Promise.all(
      Array.from({ length: 50 }, () => client.probe(here, { kind: "tcp", host: "127.0.0.1", port: closedPort })),
    );
    expect(new Set(back.map((sample) => sample.error?.kind))).toEqual(new Set(["connect-refused"]));
  });

  it("keeps many at once apart", async () => {
    const own = await listen(http.createServer((_, response) => response.end("outside")));
    const where = { netnsPid: inside.pid as number };
    const results = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        i % 2
          ? client.probe(where, { kind: "http", url: `http://198.51.100.7:${port}/` })
          : client.probe(here, { kind: "http", url: `http://127.0.0.1:${own}/` }),
      ),
    );
    expect(results.map((sample) => sample.response?.bodyText)).toEqual(
      Array.from({ length: 200 }, (_, i) => (i % 2 ? "inside 198.51.100.7" : "outside")),
    );
  });

  it("says so when a namespace is not to be had", async () => {
    const sample = await client.probe({ netnsPid: 2 ** 22 }, { kind: "tcp", host: "127.0.0.1", port: 1 });
    expect(sample.error?.kind).toBe("namespace");
    expect(sample.source).toBeUndefined();
  });

  it("matches namespaces by inode", async () => {
    const list = await client.netns([inside.pid as number, process.pid]);
    const of = (pid: number | undefined) => list.pids.find((entry) => entry.pid === pid)?.inode;
    expect(of(process.pid)).toBe(list.own);
    expect(of(inside.pid)).not.toBe(list.own);
  });
});

describe("node operations", () => {
  it("ends a process as a crash does", async () => {
    const victim = spawn("sleep", ["600"]);
    const ended = new Promise((resolve) => victim.once("exit", (_, signal) => resolve(signal)));
    const seen = await client.signal(victim.pid as number, "SIGKILL");
    expect(seen.command).toBe("sleep");
    expect(await ended).toBe("SIGKILL");
    await expect(client.signal(victim.pid as number, "KILL")).rejects.toMatchObject({ code: "E_AGENT_REFUSED" });
    await expect(client.signal(1, "KILL")).rejects.toMatchObject({ message: expect.stringContaining("bad-request") });
  });

  it("reads, writes, moves and removes files", async () => {
    const path = join(folder, "dir", "file");
    await client.file({ action: "mkdir", path: join(folder, "dir"), mode: 0o700 });
    const written = await client.file({ action: "write", path, content: Buffer.from("content").toString("base64"), mode: 0o640 });
    expect(written).toMatchObject({ type: "file", size: 7, mode: 0o640 });
    const read = await client.file({ action: "read", path });
    expect(Buffer.from(read.content, "base64").toString()).toBe("content");
    await client.file({ action: "move", path, to: `${path}.away` });
    await expect(client.file({ action: "stat", path })).rejects.toMatchObject({ message: expect.stringContaining("not-found") });
    expect((await client.file({ action: "list", path: join(folder, "dir") })).entries.map((entry) => entry.path)).toEqual([
      `${path}.away`,
    ]);
    await client.file({ action: "remove", path: join(folder, "dir"), recursive: true });
    expect(existsSync(join(folder, "dir"))).toBe(false);
  });

  it("runs programs, bounded in time and size", async () => {
    const ran = await client.exec({ argv: ["sh", "-c", "cat; echo err >&2; exit 3"], stdin: "in" });
    expect(ran).toMatchObject({ exit: 3, stdout: "in", stderr: "err\n", timedOut: false });
    const marker = join(folder, "survivor");
    const slow = await client.exec({ argv: ["sh", "-c", `(sleep 1; touch ${marker}) & sleep 60`], timeoutMs: 200 });
    expect(slow).toMatchObject({ timedOut: true, signal: "SIGKILL" });
    expect(slow.took).toBeLessThan(2e9);
    const long = await client.exec({ argv: ["head", "-c", "5000", "/dev/zero"], maxBytes: 10 });
    expect(long.stdout).toHaveLength(10);
    expect(long.stdoutBytes).toBe(5000);
    expect(execFileSync("ps", ["-eo", "args"]).toString()).not.toContain(marker);
  });

  it("tells how full a file system is", async () => {
    const seen = await client.statfs(folder);
    expect(seen.totalBytes).toBeGreaterThan(seen.availableBytes);
    expect(seen.availableBytes).toBeGreaterThan(0);
  });
});
