import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provideImages } from "../../../src/engine/images/provide.ts";
import { docker, type Running, runToEnd, start } from "./running.ts";

const names = ["influx", "telegraf", "grafana", "gatus", "dgraph", "fluentd", "loki", "neo4j", "n8n"];
const tags = new Map<string, string>();
const tag = (name: string) => tags.get(name) ?? "";
const folder = mkdtempSync(path.join(tmpdir(), "sprocket-monitoring-"));
beforeAll(async () => {
  for (const image of await provideImages(docker, names, { policy: "build", onProgress: () => undefined }))
    tags.set(image.name, image.tag);
}, 40 * 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A bind of a file of this content. */
function bind(target: string, content: string): string {
  const file = path.join(folder, target);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return `${file}:${target}:ro`;
}
const status = async (url: string, init?: RequestInit) => (await fetch(url, init)).status;
const standIn = async (url: string) => (await fetch(url)).headers.get("x-sprocket-stand-in");

describe("influx and telegraf", () => {
  const setUp = [
    "DOCKER_INFLUXDB_INIT_MODE=setup",
    "DOCKER_INFLUXDB_INIT_USERNAME=admin",
    'DOCKER_INFLUXDB_INIT_PASSWORD=it\'s a "secret" $ecret',
    "DOCKER_INFLUXDB_INIT_ORG=sprocket",
    "DOCKER_INFLUXDB_INIT_BUCKET=metrics",
    "DOCKER_INFLUXDB_INIT_RETENTION=7d",
    "DOCKER_INFLUXDB_INIT_ADMIN_TOKEN=an-admin-token",
    // As Sprocket gives them; the second is Influx's own.
    "LOG_LEVEL=WARN",
    "INFLUXD_LOG_LEVEL=warn",
  ];
  const authorization = "Token an-admin-token";
  const api = (influx: Running) => `http://${influx.address}:8086`;
  const isUp = (influx: Running) => influx.until("the server", async () => (await status(`${api(influx)}/health`)) === 200, 60);
  const write = (influx: Running, bucket: string, headers: Record<string, string>) =>
    status(`${api(influx)}/api/v2/write?org=sprocket&bucket=${bucket}`, { method: "POST", headers, body: "a,of=test count=2" });
  const query = async (influx: Running, flux: string) => {
    const headers = { authorization, "content-type": "application/vnd.flux", accept: "application/csv" };
    return (await fetch(`${api(influx)}/api/v2/query?org=sprocket`, { method: "POST", headers, body: flux })).text();
  };

  it("sets itself up once, keeps its data, takes over what lies below them, and gets what Telegraf is sent", async () => {
    await using influx = await start(tag("influx"), { Env: setUp });
    await isUp(influx);
    expect(await write(influx, "metrics", { authorization })).toBe(204);
    expect(await write(influx, "metrics", { authorization: "Token wrong" })).toBe(401);
    expect(await write(influx, "sprocket_main", { authorization })).toBe(404);
    const buckets = await (await fetch(`${api(influx)}/api/v2/buckets?name=metrics`, { headers: { authorization } })).json();
    expect(buckets).toMatchObject({ buckets: [{ retentionRules: [{ everySeconds: 7 * 86_400 }] }] });
    await influx.exec(["sh", "-c", "mkdir -p /var/lib/influxdb2/loki && touch /var/lib/influxdb2/loki/foreign"]);
    await influx.restart();
    await isUp(influx);
    expect(await query(influx, 'from(bucket: "metrics") |> range(start: -1h)')).toContain(",count,a,test");
    const owners = await influx.exec(["stat", "-c", "%U", "/proc/1", "/var/lib/influxdb2/loki/foreign"]);
    expect(owners.output).toBe("influxdb\ninfluxdb");

    const config = `[global_tags]
  host = "$HOSTNAME"
[agent]
  interval = "1s"
  flush_interval = "1s"
[[outputs.influxdb_v2]]
  urls = ["http://$INFLUX_HOSTNAME:8086"]
  token = "$INFLUX_TOKEN"
  organization = "sprocket"
  bucket = "metrics"
[[inputs.rabbitmq]]
[[inputs.redis]]
[[inputs.postgresql]]
  address = "host=127.0.0.1 user=none password=none sslmode=disable dbname=postgres"
  max_lifetime = "0s"
[[inputs.internal]]
[[inputs.http_listener_v2]]
  service_address = ":8081"
  path = "/write"
  methods = ["POST", "PUT"]
  data_format = "influx"
`;
    await using telegraf = await start(tag("telegraf"), {
      Env: ["HOSTNAME=node-1", `INFLUX_HOSTNAME=${influx.address}`, "INFLUX_TOKEN=an-admin-token"],
      HostConfig: { Binds: [bind("/etc/telegraf/telegraf.conf", config)] },
    });
    await telegraf.until(
      "the listener",
      async () => (await status(`http://${telegraf.address}:8081/write`, { method: "POST", body: "scrims count=3" })) === 204,
    );
    expect((await telegraf.exec(["stat", "-c", "%U", "/proc/1"])).output).toBe("telegraf");
    const arrived = 'from(bucket: "metrics") |> range(start: -1h) |> filter(fn: (r) => r._measurement == "scrims")';
    await telegraf.until("the point in Influx", async () => (await query(influx, arrived)).includes(",count,scrims"), 60);
  });

  it("ends with 1 when a variable of the set-up is missing", async () => {
    const { status: code, output } = await runToEnd(tag("influx"), { Env: ["DOCKER_INFLUXDB_INIT_MODE=setup"] });
    expect(code).toBe(1);
    expect(output).toContain("DOCKER_INFLUXDB_INIT_USERNAME");
  });
});

describe("the log path", () => {
  it("starts as Sprocket starts it: Fluentd by a script that installs its plugin first, Loki as root", async () => {
    await using loki = await start(tag("loki"), { User: "0" });
    const fluent = `<source>
  @type forward
  port 24224
  bind 0.0.0.0
</source>
<source>
  @type monitor_agent
  port 24220
</source>
<match docker.**>
  @type copy
  <store>
    @type loki
    url "http://${loki.address}:3100"
    flush_interval 1s
    <label>
      container_name
    </label>
  </store>
</match>
`;
    await using fluentd = await start(tag("fluentd"), {
      Entrypoint: ["sh", "/startup.sh"],
      User: "root",
      HostConfig: {
        Memory: 256 * 1_048_576,
        Binds: [
          bind("/startup.sh", "fluent-gem install fluent-plugin-grafana-loki\nfluentd\n"),
          bind("/etc/fluent/fluent.conf", fluent),
        ],
      },
    });
    const plugins = `http://${fluentd.address}:24220/api/plugins.json`;
    await fluentd.until("the monitor agent", async () => (await status(plugins)) === 200);
    await loki.until("Loki", async () => (await status(`http://${loki.address}:3100/ready`)) === 200);
    // By Docker's own driver, as every container of Sprocket logs.
    const said = await runToEnd(tag("neo4j"), {
      Entrypoint: ["echo"],
      Cmd: ["a line of a container"],
      HostConfig: {
        LogConfig: { Type: "fluentd", Config: { "fluentd-address": `${fluentd.address}:24224`, tag: "docker.{{.ID}}" } },
      },
    }).catch((error: unknown) => ({ status: -1, output: String(error) }));
    expect(said.status).toBe(0);
    const query = `http://${loki.address}:3100/loki/api/v1/query_range?query=${encodeURIComponent('{container_name=~".+"}')}`;
    await fluentd.until("the line in Loki", async () => (await (await fetch(query)).text()).includes("a line of a container"));
    expect(await standIn(plugins)).toBe("fluentd");
  });
});

describe("the other stand-ins", () => {
  it("run as their images' users on their ports", async () => {
    await using loki = await start(tag("loki"));
    await using grafana = await start(tag("grafana"));
    const gatusConfig = 'endpoints: [{ name: one, url: "tcp://127.0.0.1:8080", conditions: ["[CONNECTED] == true"] }]\n';
    await using gatus = await start(tag("gatus"), { HostConfig: { Binds: [bind("/config/config.yaml", gatusConfig)] } });
    await using neo4j = await start(tag("neo4j"), { Env: ["NEO4J_AUTH=neo4j/a-pass-word"] });
    await using n8n = await start(tag("n8n"));
    await using zero = await start(tag("dgraph"), { Entrypoint: ["dgraph", "zero", "--my=zero:5080"], Cmd: [] });
    await using alpha = await start(tag("dgraph"), {
      Entrypoint: ["dgraph", "alpha", "--my=alpha:7080", `--zero=${zero.address}:5080`],
      Cmd: [],
    });
    for (const [running, port, place, name] of [
      [loki, 3100, "/ready", "loki"],
      [grafana, 3000, "/api/health", "grafana"],
      [gatus, 8080, "/health", "gatus"],
      [neo4j, 7474, "/", "neo4j"],
      [n8n, 5678, "/healthz", "n8n"],
      [zero, 6080, "/health", "dgraph-zero"],
      [alpha, 8080, "/health", "dgraph-alpha"],
    ] as const) {
      const url = `http://${running.address}:${port}${place}`;
      await running.until(`${name} at ${place}`, async () => (await status(url)) === 200);
      expect(await standIn(url)).toBe(name);
    }
    expect(await connects(alpha.address, 9080)).toBe(true);
    expect(await connects(neo4j.address, 7687)).toBe(true);
    expect((await grafana.exec(["id", "-u"])).output).toBe("472");
    expect((await loki.exec(["id", "-u"])).output).toBe("10001");
    expect((await n8n.exec(["id", "-un"])).output).toBe("node");
  });
});

/** Whether a port takes a connection. */
function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port }, () => {
      socket.destroy();
      resolve(true);
    }).on("error", () => resolve(false));
  });
}
