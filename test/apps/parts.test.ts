import { createServer, type Server } from "node:http";
import { createConnection } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { takes } from "../../fixtures/apps/src/fluentd/configuration.ts";
import { judge } from "../../fixtures/apps/src/gatus/conditions.ts";
import { queryOf } from "../../fixtures/apps/src/loki/query.ts";
import { imageOf, type Part } from "../../fixtures/apps/src/shared/dependencies.ts";
import { freePort, type Options, StandInProcess, secrets, until } from "./stand-in.ts";

// Stand-ins of public parts, as processes, without the databases of two of them: those are in dependencies.container.test.ts.

const started: StandInProcess[] = [];
async function prepare(name: Part, options?: Options): Promise<StandInProcess> {
  const standIn = await StandInProcess.prepare(name, options);
  started.push(standIn);
  return standIn;
}
afterEach(async () => {
  await Promise.all(started.splice(0).map((standIn) => standIn.dispose()));
});

const json = async (url: string, init?: RequestInit) => (await fetch(url, init)).json() as Promise<never>;
const firstLine = (standIn: StandInProcess) => JSON.parse(standIn.output.split("\n")[0] ?? "{}") as { message: string };
const lastLine = (standIn: StandInProcess) => JSON.parse(standIn.output.trim().split("\n").at(-1) ?? "{}") as { reason: string };

/** Bytes that a port answers with, or what connecting to it failed with. */
function say(port: number, bytes: Buffer): Promise<Buffer | string> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port }, () => socket.write(bytes));
    const parts: Buffer[] = [];
    socket.on("data", (part) => parts.push(part));
    socket.on("error", (error) => resolve(error.message));
    socket.on("close", () => resolve(Buffer.concat(parts)));
  });
}

test.each(["grafana", "n8n"] as const)("%s does not start without its database, and names it", async (name) => {
  const standIn = await prepare(name);
  standIn.start();
  expect(await standIn.exitCode()).toBe(1);
  expect(firstLine(standIn).message).toBe(`stand-in for ${imageOf[name]}`);
  expect(lastLine(standIn).reason).toContain("postgres: ");
  for (const secret of Object.values(secrets)) expect(standIn.output).not.toContain(secret);
});

test("grafana shows what is provisioned to its administrator alone", async () => {
  const grafana = await prepare("grafana", {
    environment: { GF_DATABASE_TYPE: "sqlite3" },
    files: {
      "etc/grafana/provisioning/datasources/datasources.yaml": `apiVersion: 1
datasources:
  - { name: Loki, type: loki, access: proxy, url: "http://loki:3100", isDefault: false }
  - name: InfluxDB
    type: influxdb
    url: http://influx:8086
    isDefault: true
    jsonData: { version: Flux, defaultBucket: sprocket_main }
    secureJsonData: { token: "\${INFLUX_TOKEN}" }
`,
    },
  });
  await grafana.ready();
  expect(await json(grafana.url("/api/health"))).toMatchObject({ database: "ok" });
  expect((await fetch(grafana.url("/api/datasources"))).status).toBe(401);
  const authorization = `Basic ${Buffer.from("admin:admin").toString("base64")}`;
  const sources = (await json(grafana.url("/api/datasources"), { headers: { authorization } })) as { name: string }[];
  expect(sources.map(({ name }) => name)).toEqual(["Loki", "InfluxDB"]);
  expect(JSON.stringify(sources)).not.toContain(secrets["influx-token"]);
});

test("grafana does not start with a provisioning file that is broken", async () => {
  const files = { "etc/grafana/provisioning/datasources/broken.yaml": "datasources: [" };
  const grafana = await prepare("grafana", { environment: { GF_DATABASE_TYPE: "sqlite3" }, files });
  grafana.start();
  expect(await grafana.exitCode()).toBe(1);
  expect(lastLine(grafana).reason).toContain("broken.yaml");
});

describe("gatus", () => {
  let target: Server;
  let port: number;
  let status = 200;
  beforeAll(async () => {
    port = await freePort();
    target = createServer((_, response) => response.writeHead(status).end("hello"));
    await new Promise<void>((resolve) => target.listen(port, "127.0.0.1", resolve));
  });
  afterAll(() => {
    target.close();
    target.closeAllConnections();
  });

  test("really looks at its endpoints, on their interval, and says what a failed condition met", async () => {
    const closed = await freePort();
    const config = `x-web: &web
  interval: 300ms
  conditions: ["[STATUS] == 200", "[BODY] == hello"]
alerting: { discord: { webhook-url: "http://127.0.0.1:${port}/webhook" } }
endpoints:
  - { name: Production App, group: Web Services, url: "http://127.0.0.1:${port}/", <<: *web }
  - { name: closed, url: "tcp://127.0.0.1:${closed}", conditions: ["[CONNECTED] == true"] }
  - { name: open, url: "tcp://127.0.0.1:${port}", conditions: ["[CONNECTED] == true"] }
  - { name: node, group: Nodes, url: "icmp://192.0.2.1", conditions: ["[CONNECTED] == true"] }
`;
    status = 200;
    const gatus = await (await prepare("gatus", { files: { "config/config.yaml": config } })).ready();
    expect(await json(gatus.url("/health"))).toEqual({ status: "UP" });
    type Status = {
      key: string;
      results: { success: boolean; errors?: string[]; conditionResults: { condition: string; success: boolean }[] }[];
    };
    const statuses = async () => (await json(gatus.url("/api/v1/endpoints/statuses"))) as Status[];
    const looked = await until("every endpoint was looked at", async () => {
      const all = await statuses();
      return all.every(({ results }) => results.length > 0) ? all : undefined;
    });
    const last = (of: Status[], key: string) => of.find((each) => each.key === key)?.results.at(-1);
    expect(last(looked, "web-services_production-app")).toMatchObject({ success: true });
    expect(last(looked, "_closed")).toMatchObject({
      success: false,
      conditionResults: [{ condition: "[CONNECTED] (false) == true", success: false }],
    });
    expect(last(looked, "_open")).toMatchObject({ success: true });
    expect(last(looked, "nodes_node")).toMatchObject({ success: false, errors: ["icmp is not supported by this stand-in"] });
    status = 500;
    const failed = await until("the change is seen", async () => {
      const result = last(await statuses(), "web-services_production-app");
      return result?.success === false ? result : undefined;
    });
    expect(failed.conditionResults[0]).toEqual({ condition: "[STATUS] (500) == 200", success: false });
    expect(gatus.output).not.toContain("/webhook");
  });

  test("does not start without an endpoint", async () => {
    const gatus = await prepare("gatus", { files: { "config/config.yaml": "endpoints: []" } });
    gatus.start();
    expect(await gatus.exitCode()).toBe(1);
    expect(lastLine(gatus).reason).toContain("at least 1 endpoint");
  });

  test("a condition that it does not know has failed", () => {
    const met = { connected: true, status: 200, body: "", rcode: "", took: 12.4 };
    expect(judge("[RESPONSE_TIME] < 500", met)).toEqual({ condition: "[RESPONSE_TIME] < 500", success: true });
    expect(judge("[RESPONSE_TIME] < 5", met)).toEqual({ condition: "[RESPONSE_TIME] (12) < 5", success: false });
    expect(judge("[CERTIFICATE_EXPIRATION] > 48h", met).success).toBe(false);
  });
});

test("dgraph's alpha is healthy only while its zero answers, and zero knows its alphas", async () => {
  const zero = await (await prepare("dgraph-zero")).ready();
  const alpha = await prepare("dgraph-alpha", { arguments: [`--zero=127.0.0.1:${zero.portOf(5080)}`] });
  await alpha.ready();
  const health = async () => (await fetch(alpha.url("/health"))).status;
  await until("healthy", async () => (await health()) === 200);
  expect(await (await fetch(zero.url("/health"))).text()).toBe("OK");
  const state = (await json(zero.url("/state"))) as { cid: string; groups: { 1: { members: Record<string, { addr: string }> } } };
  expect(Object.values(state.groups[1].members).map(({ addr }) => addr)).toEqual(["alpha:7080"]);
  expect([...alpha.listening].sort()).toEqual([8080, 7080, 9080].map((port) => alpha.portOf(port)).sort());
  const refused = await fetch(alpha.url("/query"), { method: "POST", body: "{ q(func: has(name)) { name } }" });
  expect([refused.status, refused.headers.get("x-sprocket-stand-in")]).toEqual([501, "dgraph-alpha"]);

  await zero.kill();
  await until("unhealthy", async () => (await health()) === 503, 5_000);
  expect(alpha.running).toBe(true);
  zero.start();
  await until("healthy again", async () => (await health()) === 200);
  expect(((await json(zero.url("/state"))) as { cid: string }).cid, "zero keeps its identity").toBe(state.cid);
  await alpha.kill("SIGTERM");
  expect(await alpha.exitCode()).toBe(0);
});

test("neo4j shows where Bolt is, and speaks no version of it", async () => {
  const neo4j = await (await prepare("neo4j", { environment: { NEO4J_AUTH: "neo4j/a-pass-word-of-neo4j" } })).ready();
  expect(await json(neo4j.url("/"))).toMatchObject({ bolt_direct: "bolt://localhost:7687", neo4j_edition: "community" });
  const offer = Buffer.from("6060b0170000040400000000000000000000000000000000".slice(0, 40), "hex");
  expect(await say(neo4j.portOf(7687), offer)).toEqual(Buffer.alloc(4));
  const http = (await say(neo4j.portOf(7687), Buffer.from("GET / HTTP/1.1\r\nHost: bolt\r\n\r\n"))).toString();
  expect([http.split("\r\n").at(0), http.split("\r\n").at(-1)]).toEqual(["HTTP/1.1 200 OK", "{}"]);
  expect(neo4j.output).not.toContain("a-pass-word-of-neo4j");
  const refused = await prepare("neo4j", { environment: { NEO4J_AUTH: "neo4j/neo4j" } });
  refused.start();
  expect(await refused.exitCode()).toBe(1);
});

describe("the log path", () => {
  const label = "docker.0123456789ab.prod-sprocket-core-service.1.abc";
  const config = (loki: string) => `<source>
  @type monitor_agent
  bind 0.0.0.0
  port 24220
</source>
<source>
  @type forward
  port 24224
</source>
<filter docker.**>
  @type record_transformer
  <record>
    tag \${tag}
    service_name \${tag_parts[2]}
    fluentd_hostname "#{ENV['FLUENTD_HOSTNAME']}"
  </record>
</filter>
<match docker.**>
  @type copy
  <store>
    @type loki
    url "${loki}"
    flush_interval 1s
    <label>
      service_name
      fluentd_hostname
    </label>
  </store>
</match>
`;
  /** MessagePack of `[tag, time, {log: text}]`, as Docker's driver sends it; texts and names below 256 bytes. */
  const message = (tag: string, time: number, text: string) => {
    const str = (value: string) => Buffer.concat([Buffer.from([0xd9, Buffer.byteLength(value)]), Buffer.from(value)]);
    const at = Buffer.alloc(5);
    at.writeUInt8(0xce);
    at.writeUInt32BE(time, 1);
    return Buffer.concat([Buffer.from([0x93]), str(tag), at, Buffer.from([0x81]), str("log"), str(text)]);
  };
  const send = (port: number, bytes: Buffer) =>
    new Promise<void>((resolve, reject) => {
      const socket = createConnection({ host: "127.0.0.1", port }, () => socket.end(bytes));
      socket.on("error", reject).on("close", () => resolve());
    });
  const withPlugin = { "fluentd/plugins/fluent-plugin-grafana-loki": "" };

  test("goes from the forward protocol to Loki, waits while Loki is away, and loses nothing meanwhile", async () => {
    const loki = await (await prepare("loki")).ready();
    const fluentd = await prepare("fluentd", {
      environment: { FLUENTD_HOSTNAME: "node-1" },
      files: { "etc/fluent/fluent.conf": config(loki.url("")), ...withPlugin },
    });
    await fluentd.ready();
    await until("the input is open", () => fluentd.output.includes("forward input listening"));
    const now = Math.floor(Date.now() / 1_000);
    const found = async (text: string) => {
      const query = encodeURIComponent(`{service_name="prod-sprocket-core-service"} |= "${text}"`);
      const answer = (await json(loki.url(`/loki/api/v1/query_range?query=${query}`))) as {
        data: { result: { stream: Record<string, string>; values: [string, string][] }[] };
      };
      return answer.data.result[0];
    };
    await send(fluentd.portOf(24224), message(label, now, "the first line"));
    const first = await until("the first line is in Loki", () => found("the first line"));
    expect(first.stream).toEqual({ service_name: "prod-sprocket-core-service", fluentd_hostname: "node-1" });
    expect(first.values[0]?.[0]).toBe(`${now}000000000`);
    expect(JSON.parse(first.values[0]?.[1] ?? "{}")).toEqual({ log: "the first line", tag: label });
    expect(await json(loki.url("/loki/api/v1/label/service_name/values"))).toMatchObject({
      data: ["prod-sprocket-core-service"],
    });

    await loki.kill();
    await send(fluentd.portOf(24224), message(label, now, "the second line"));
    const plugin = async () =>
      ((await json(fluentd.url("/api/plugins.json"))) as { plugins: Record<string, number>[] }).plugins[0];
    await until("the outage is seen", async () => Number((await plugin())?.retry_count) > 0);
    expect(fluentd.running).toBe(true);
    await loki.ready();
    await until("the second line is in Loki", () => found("the second line"));
    expect(await found("the first line"), "Loki keeps its volume").toBeDefined();
    expect(await plugin()).toMatchObject({ emit_records: 2, retry_count: 0, buffer_total_queued_size: 0 });
    await send(fluentd.portOf(24224), message("other.tag", now, "of no pattern"));
    await until("a record of no pattern is told of", () => fluentd.output.includes("no patterns matched"));
  });

  test("goes to fluentd's own output where its configuration says so", async () => {
    const stdout = "<source>\n  @type forward\n  port 24224\n</source>\n<match **>\n  @type stdout\n</match>\n";
    const fluentd = await prepare("fluentd", { files: { "etc/fluent/fluent.conf": stdout } });
    fluentd.start();
    await until("the input is open", () => fluentd.output.includes("forward input listening"));
    await send(fluentd.portOf(24224), message(label, 1_700_000_000, "a line to print"));
    await until("the line is printed", () => fluentd.output.includes(`${label}: {"log":"a line to print"}`));
  });

  test("fluentd does not start without the plugin that its configuration asks for", async () => {
    const fluentd = await prepare("fluentd", { files: { "etc/fluent/fluent.conf": config("http://127.0.0.1:1") } });
    fluentd.start();
    expect(await fluentd.exitCode()).toBe(1);
    expect(lastLine(fluentd).reason).toContain("Unknown output plugin 'loki'");
  });

  test.each([
    ["docker.**", "docker.a.b.c", true],
    ["docker.**", "docker", true],
    ["docker.*.*", "docker.a.b", true],
    ["docker.*.*", "docker.a.b.c", false],
    ["docker.*", "other.a", false],
    ["**", "any.thing", true],
    ["a.* b.**", "b.c.d", true],
  ])("pattern %s on tag %s: %s", (pattern, tag, taken) => {
    expect(takes(pattern, tag)).toBe(taken);
  });

  test.each([
    ['{service="core"}', true],
    ['{service=~"co.*", level!="error"} |= "hello" != "bye"', true],
    ['{service=~"co"}', false],
    ['{service="core"} |~ "h.llo$"', false],
    ["{service=`core`} |~ `^hello`", true],
  ])("query %s: %s", (query, matches) => {
    expect(queryOf(query)?.({ labels: { service: "core" }, at: "0", text: "hello world" })).toBe(matches);
  });

  test.each(['rate({service="core"}[5m])', "{}", '{service="core"} | json'])("query %s is refused", (query) => {
    expect(queryOf(query)).toBeUndefined();
  });
});
