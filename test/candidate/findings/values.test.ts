import { describe, expect, it } from "vitest";
import { staticFindings } from "../../../src/candidate/findings/index.ts";
import { aCandidate, aService, said } from "./a-candidate.ts";

const config = (content: string, env: Record<string, string> = {}, target = "/etc/app.conf") =>
  aCandidate([aService("app", { env, configs: [{ source: "conf", target }] })], { configs: [{ name: "conf", content }] });
const postgres = {
  host: "db.managed.test",
  port: 25060,
  user: "admin",
  passwordSecret: "db",
  databases: ["main"],
  maxConnections: 100,
};

describe("value-mangled", () => {
  it.each([
    ['{"url":"amqp://broker:5672?heartbeat&#x3D;60"}', "an HTML entity, `amqp://broker:5672?heartbeat&#x3D;60` in line 1"],
    ['{\n"transport": "[object Object]"}', "an object printed as text, `[object Object]` in line 2"],
    ['{"host":"http://undefined:8086"}', "`undefined` as a value, `http://undefined:8086` in line 1"],
    [
      "host: 'Calling [toString] on an [Output<T>] is not supported'",
      "an Output printed as text, `Calling [toString] on an [Output<T>]` in line 1",
    ],
    ['{"key":"[secret]"}', "a secret's mask instead of its value, `[secret]` in line 1"],
    ['{"bucket":"{{influx.bucket}}"}', "an unfilled template, `{{influx.bucket}}` in line 1"],
    ['{"a":"${HOST}","b":"${HOST}"}', "an unfilled placeholder, `${HOST}` (2 times) in line 1"],
  ])("names %s", (content, what) => {
    expect(said("value-mangled", config(content))).toEqual([`config:conf: Config conf holds ${what}.`]);
  });
  it("looks into environment, labels and arguments too", () => {
    const app = aService("app", { env: { URL: "amqp://broker?heartbeat&#x3D;60" }, args: ["--host=${HOST}"] });
    expect(said("value-mangled", aCandidate([app]))).toEqual([
      "service:app: app is given an HTML entity, `amqp://broker?heartbeat&#x3D;60` in environment variable URL, an unfilled placeholder, `--host=${HOST}` in argument 1.",
    ]);
  });
  it("never shows what stands beside it in a credential", () => {
    for (const content of [
      '{"password":"hunter2&#x3D;xyz"}',
      "url: amqp://user:hunter2@h?a&#x3D;1",
      "postgres_password=hunter2&amp;1",
    ])
      expect(JSON.stringify(staticFindings(config(content)))).not.toContain("hunter2");
  });
  it.each([
    ["a{{.Node.Hostname}}b", "Swarm's own template"],
    ["tag ${tag}\ncontainer ${tag_parts[1]}", "Fluentd's own variables"],
    ['token: ${INFLUX_TOKEN}\nurl: "$${__value.raw}"', "Grafana's own variables"],
    ['host = "$POSTGRES_HOST"', "Telegraf's own variables"],
    ['{"password":"${secret:db}"}', "the mark of a secret"],
    ["if (value === undefined) return undefined;", "code"],
    ["# the value is undefined. NaN is not met", "prose"],
    ["<p>a &amp; b</p>", "markup"],
    ['"[CONNECTED] == true"', "conditions of Gatus"],
  ])("says nothing of %j: %s", (content) => {
    expect(said("value-mangled", config(content))).toEqual([]);
  });
  it("says nothing of variables that a shell fills, nor of what a rule captures", () => {
    const app = aService("app", {
      command: ["sh", "-c", "exec app --host ${HOST}"],
      labels: { "traefik.http.middlewares.a.redirectregex.replacement": "https://${1}", "x.y": "${name}" },
    });
    expect(said("value-mangled", aCandidate([app]))).toEqual([]);
  });
});

describe("secret-in-clear", () => {
  it("names where secrets are handed over in clear", () => {
    const app = aService("app", {
      env: { CLIENT_SECRET: "${secret:fa}", HOST: "db" },
      args: ["--requirepass", "${secret:redis}", "--loadmodule", "/x.so"],
    });
    const configs = [{ name: "hcl", content: 'secret_key = "${secret:s3}"' }];
    expect(said("secret-in-clear", aCandidate([app], { configs }))).toEqual([
      "service:app: app is given secrets in clear: the value of a secret in environment variable CLIENT_SECRET (fa), argument 2 (of requirepass) (redis).",
      "config:hcl: Config hcl holds secrets in clear: the value of s3.",
    ]);
  });
  const literal = "Sup3rGeheim-Sup3rGeheim";
  it.each([
    ["environment", aService("app", { env: { DB_PASSWORD: literal } }), "environment variable DB_PASSWORD"],
    ["an argument's value", aService("app", { args: ["--api-key", literal] }), "argument 2 (of api-key)"],
    ["an argument with its value", aService("app", { args: [`--token=${literal}`] }), "argument 1 (of token)"],
    [
      "an address",
      aService("app", { env: { URL: `postgres://me:${literal}@db/x` } }),
      "environment variable URL (an address with a password)",
    ],
  ])("names a credential written out in %s, and not its value", (_, app, where) => {
    expect(said("secret-in-clear", aCandidate([app]))).toEqual([
      `service:app: app is given secrets in clear: a value written out in the definition in ${where}.`,
    ]);
    expect(JSON.stringify(staticFindings(aCandidate([app])))).not.toContain(literal);
  });
  it.each([
    [`{"db":{"password":"${literal}"}}`, "password"],
    [`password: ${literal}`, "password"],
    [`  token = "${literal}"`, "token"],
    ["webhook: https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz", "a Discord webhook's address"],
    ["-----BEGIN RSA PRIVATE KEY-----", "a private key"],
  ])("names a credential written out in a config: %s", (content, what) => {
    expect(said("secret-in-clear", config(content))).toEqual([
      `config:conf: Config conf holds secrets in clear: a value written out in the definition in ${what}.`,
    ]);
    expect(JSON.stringify(staticFindings(config(content)))).not.toMatch(/Sup3r|abcdefghij/);
  });
  it.each([
    ['{"passwordFile":"/run/secrets/db","token_ttl":3600,"secretName":"minio-secret","secure":false}', "names of other things"],
    ["password = $POSTGRES_PASSWORD\ntoken: ${INFLUX_TOKEN}\nkey: '{{ key }}'", "variables"],
    ["# password: hunter2hunter2", "a comment"],
    ['"websiteToken": "none", "publicKey": "abcdefgh12345678"', "switches and public keys"],
    ["address: host=$H user=$U password=$P sslmode=disable", "a connection string of variables"],
    ["url: amqp://${USER}:${PASSWORD}@broker:5672", "an address of variables"],
    ["events_application_key: core", "a short name"],
    ["smtp_password: nopassword\npassword: none", "what stands for no password"],
    ["password: <value>\nsecret: '[secret]'\ntoken: '***'", "what was taken out"],
  ])("says nothing of %j: %s", (content) => {
    expect(said("secret-in-clear", config(content))).toEqual([]);
  });
  it("says nothing of a secret that comes by a file", () => {
    const app = aService("app", {
      env: { DB_PASSWORD_FILE: "/run/secrets/db", TOKEN_PATH: "/x" },
      secrets: [{ source: "db", target: "/run/secrets/db" }],
    });
    expect(said("secret-in-clear", aCandidate([app]))).toEqual([]);
  });
});

describe("database-unlike", () => {
  const telegraf = 'address = "host=$POSTGRES_HOST user=$POSTGRES_USER sslmode=disable dbname=postgres"';
  it("names port and TLS mode of a client whose host comes from its environment", () => {
    const candidate = { ...config(telegraf, { POSTGRES_HOST: postgres.host }), parties: { postgres } };
    expect(said("database-unlike", candidate)).toEqual([
      "config:conf: The managed database listens on 25060 and wants TLS; config conf asks for port 5432 (none is written), sslmode=disable.",
    ]);
  });
  it.each([
    ['{"db":{"host":"db.managed.test","port":5432}}', "port 5432"],
    ["url: postgres://u:${secret:p}@db.managed.test:5432/main?sslmode=require", "port 5432"],
    ["url: postgres://u@db.managed.test:25060/main?sslmode=disable", "sslmode=disable"],
  ])("names %s", (content, what) => {
    expect(said("database-unlike", { ...config(content), parties: { postgres } })).toEqual([
      `config:conf: The managed database listens on 25060 and wants TLS; config conf asks for ${what}.`,
    ]);
  });
  it("names variables that belong to its host", () => {
    const app = aService("app", { env: { GF_DATABASE_HOST: "db.managed.test:5432", GF_DATABASE_SSL_MODE: "disable" } });
    expect(said("database-unlike", aCandidate([app], { parties: { postgres } }))).toEqual([
      "service:app: The managed database listens on 25060 and wants TLS; app asks for port 5432 (GF_DATABASE_HOST), `disable` as TLS mode (GF_DATABASE_SSL_MODE).",
    ]);
  });
  it("says nothing of a client that is right, nor of another database, nor where none is managed", () => {
    const right =
      '{"db":{"host":"db.managed.test","port":25060,"ssl":true},"url":"postgres://u@db.managed.test:25060/x?sslmode=require"}';
    const other = '{"db":{"host":"own-db","port":5432,"ssl":false},"url":"postgres://u@own-db:5432/x?sslmode=disable"}';
    for (const content of [right, other])
      expect(said("database-unlike", { ...config(content), parties: { postgres } })).toEqual([]);
    expect(said("database-unlike", config(telegraf, { POSTGRES_HOST: postgres.host }))).toEqual([]);
    const elsewhere = { ...config(telegraf, { POSTGRES_HOST: "own-db" }), parties: { postgres } };
    expect(said("database-unlike", elsewhere)).toEqual([]);
  });
});

describe("bucket-missing", () => {
  const influx = aService("influx", { role: "influx", env: { DOCKER_INFLUXDB_INIT_BUCKET: "metrics" } });
  const s3 = { host: "s3.test", accessSecret: "a", keySecret: "k", buckets: ["main-1"] };
  const using = (content: string, services = [influx]) =>
    aCandidate(services, { configs: [{ name: "conf", content }], parties: { s3 } });
  it.each([
    [
      "datasources:\n  - name: Metrics\n    type: influxdb\n    jsonData:\n      defaultBucket: sprocket_main\n",
      "Grafana's data source",
    ],
    ['{"influx":{"address":"http://influx:8086","bucket":"sprocket_main"}}', "an application's config"],
    ['[[outputs.influxdb_v2]]\n  urls = ["http://influx:8086"]\n  bucket = "sprocket_main"\n', "Telegraf's config"],
  ])("names InfluxDB's bucket of %j: %s", (content) => {
    expect(said("bucket-missing", using(content))).toEqual([
      "config:conf: Config conf uses InfluxDB's bucket sprocket_main; made is metrics (DOCKER_INFLUXDB_INIT_BUCKET).",
    ]);
  });
  it("names a bucket of S3 that no party has", () => {
    expect(said("bucket-missing", using('{"minio":{"bucketNames":{"main":"main-1","replays":"replays-1"}}}'))).toEqual([
      "config:conf: Config conf uses the S3 bucket replays-1; made are main-1.",
    ]);
    const bot = aService("bot", { env: { file_bucket: "files" } });
    expect(said("bucket-missing", using("", [bot]))).toEqual([
      "service:bot: bot (file_bucket) uses the S3 bucket files; made are main-1.",
    ]);
  });
  it("says nothing of buckets that are made, of names that are filled later, nor of an InfluxDB that is somebody else's", () => {
    expect(said("bucket-missing", using('[[outputs.influxdb_v2]]\n  bucket = "metrics"\n'))).toEqual([]);
    expect(said("bucket-missing", using('storage "s3" {\n  bucket = "main-1"\n}\n'))).toEqual([]);
    expect(said("bucket-missing", using('{"influx":{"bucket":"{{influx.bucket}}"}}'))).toEqual([]);
    expect(said("bucket-missing", using('{"influx":{"bucket":"other"}}', []))).toEqual([]);
    expect(said("bucket-missing", { ...using('{"s3":{"bucket":"other"}}'), parties: {} })).toEqual([]);
  });
});
