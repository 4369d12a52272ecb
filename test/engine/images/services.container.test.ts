import { createHash, createHmac } from "node:crypto";
import { createConnection } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import { provideImages } from "../../../src/engine/images/provide.ts";
import { docker, runToEnd, start } from "./running.ts";

const names = ["traefik", "vault", "socket-proxy", "redis", "rabbitmq", "postgres", "s3", "dns", "toxiproxy", "k6", "wrk"];
const tags = new Map<string, string>();
const tag = (name: string) => tags.get(name) ?? "";
beforeAll(async () => {
  for (const image of await provideImages(docker, names, { policy: "auto", onProgress: () => undefined }))
    tags.set(image.name, image.tag);
}, 25 * 60_000);

/** Headers of AWS signature version 4, for the key "key" and the secret "secret". */
function signedHeaders(method: string, url: string, body: string): Record<string, string> {
  const { host, pathname } = new URL(url);
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
  const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`;
  const signed = { host, "x-amz-content-sha256": sha256(body), "x-amz-date": time };
  const names = Object.keys(signed).join(";");
  const canonical = [
    method,
    pathname,
    "",
    ...Object.entries(signed).map(([name, value]) => `${name}:${value}`),
    "",
    names,
    sha256(body),
  ].join("\n");
  const key = ["us-east-1", "s3", "aws4_request"].reduce(hmac, hmac("AWS4secret", time.slice(0, 8)));
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n")).toString("hex");
  return { ...signed, authorization: `AWS4-HMAC-SHA256 Credential=key/${scope}, SignedHeaders=${names}, Signature=${signature}` };
}

const status = async (url: string, init?: RequestInit) => (await fetch(url, init)).status;
const bind = (file: string, target: string) => `${new URL(`./data/${file}`, import.meta.url).pathname}:${target}:ro`;

describe("redis", () => {
  const args = [
    "--requirepass",
    "a-password",
    "--loadmodule",
    "/usr/lib/redis/modules/rejson.so",
    "--loadmodule",
    "/usr/lib/redis/modules/redisearch.so",
  ];

  it("takes Sprocket's arguments as they are: flags alone, with both modules and the password", async () => {
    await using redis = await start(tag("redis"), { Cmd: args });
    const cli = (...command: string[]) => redis.exec(["redis-cli", "--raw", ...command], ["REDISCLI_AUTH=a-password"]);
    await redis.until("PONG", async () => (await cli("ping")).output === "PONG");
    expect((await redis.exec(["redis-cli", "ping"])).output).toContain("NOAUTH");
    expect((await cli("JSON.SET", "doc", "$", '{"a":{"b":[1,2]}}')).output).toBe("OK");
    expect((await cli("JSON.GET", "doc", "$.a.b[1]")).output).toBe("[2]");
    expect((await cli("FT.CREATE", "index", "SCHEMA", "name", "TEXT")).output).toBe("OK");
    expect((await cli("FT.ADD", "index", "d1", "1.0", "FIELDS", "name", "octane")).output).toBe("OK");
    expect((await cli("FT.SEARCH", "index", "octane")).output).toMatch(/^1\nd1/);
    expect((await cli("CONFIG", "GET", "dir")).output).toBe("dir\n/data");
    // From elsewhere, as clients come.
    const greeting = await new Promise<string>((resolve, reject) => {
      const socket = createConnection({ host: redis.address, port: 6379 }, () => socket.write("PING\r\n"));
      socket.on("data", (data) => socket.end(() => resolve(String(data)))).on("error", reject);
    });
    expect(greeting).toMatch(/^-NOAUTH/);
    expect((await redis.exec(["stat", "-c", "%U", "/proc/1"])).output).toBe("redis");
  });
});

describe("rabbitmq", () => {
  it("answers Sprocket's health check, lets guest in from elsewhere, and owns its data", async () => {
    await using rabbit = await start(tag("rabbitmq"), { Hostname: "broker" });
    await rabbit.until("ping", async () => (await rabbit.exec(["rabbitmq-diagnostics", "-q", "ping"])).status === 0, 60);
    const headers = { authorization: `Basic ${Buffer.from("guest:guest").toString("base64")}` };
    const overview = `http://${rabbit.address}:15672/api/overview`;
    await rabbit.until("the management API", async () => (await status(overview, { headers })) === 200);
    expect(await (await fetch(overview, { headers })).json()).toMatchObject({ node: "rabbit@broker" });
    expect(await status(`http://${rabbit.address}:15692/metrics`)).toBe(200);
    expect((await rabbit.exec(["stat", "-c", "%U", "/proc/1", "/var/lib/rabbitmq/mnesia"])).output).toBe("rabbitmq\nrabbitmq");
  });

  it("reads /etc/rabbitmq/rabbitmq.conf, and repairs the ownership of its data", async () => {
    await using rabbit = await start(tag("rabbitmq"), {
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: [
        "echo 'heartbeat = 17' > /etc/rabbitmq/rabbitmq.conf; touch /var/lib/rabbitmq/foreign; exec docker-entrypoint.sh rabbitmq-server",
      ],
    });
    await rabbit.until("ping", async () => (await rabbit.exec(["rabbitmq-diagnostics", "-q", "ping"])).status === 0, 60);
    expect((await rabbit.exec(["rabbitmqctl", "eval", "application:get_env(rabbit, heartbeat)."])).output).toContain("17");
    expect((await rabbit.exec(["stat", "-c", "%U", "/var/lib/rabbitmq/foreign"])).output).toBe("rabbitmq");
  });

  it("refuses variables that the official image refuses", async () => {
    const { status: code, output } = await runToEnd(tag("rabbitmq"), { Env: ["RABBITMQ_ERLANG_COOKIE=x"] });
    expect(code).toBe(1);
    expect(output).toContain("RABBITMQ_ERLANG_COOKIE is set but deprecated");
  });
});

describe("postgres", () => {
  const ready = (port = "5432") => ["pg_isready", "-h", "127.0.0.1", "-p", port];

  it("initialises from its variables and init files, once, and keeps its data over a restart", async () => {
    await using postgres = await start(tag("postgres"), {
      Env: ["POSTGRES_USER=sprocket", "POSTGRES_PASSWORD=it's a $ecret", "POSTGRES_DB=sprocket_main"],
      HostConfig: {
        Binds: [
          bind("init.sql", "/docker-entrypoint-initdb.d/10-init.sql"),
          bind("init.sh", "/docker-entrypoint-initdb.d/20-init.sh"),
        ],
      },
    });
    const query = (sql: string) =>
      postgres.exec(
        ["psql", "-h", "127.0.0.1", "-U", "sprocket", "-d", "sprocket_main", "-Atc", sql],
        ["PGPASSWORD=it's a $ecret"],
      );
    await postgres.until("the server", async () => (await postgres.exec(ready())).status === 0);
    expect((await query("select source from made_by order by 1")).output).toBe("script\nsql");
    expect((await query("show server_version")).output).toMatch(/^15\./);
    expect(
      (
        await postgres.exec(
          ["psql", "-h", postgres.address, "-U", "sprocket", "-d", "sprocket_main", "-c", "select 1"],
          ["PGPASSWORD=wrong"],
        )
      ).status,
    ).not.toBe(0);
    await postgres.restart();
    await postgres.until("the server again", async () => (await postgres.exec(ready())).status === 0);
    expect((await query("select count(*) from made_by")).output).toBe("2");
    expect((await postgres.logs()).match(/Skipping initialization/g)).toHaveLength(1);
    expect((await postgres.exec(["stat", "-c", "%U", "/proc/1"])).output).toBe("postgres");
  });

  it("serves TLS on another port with the server's own flags", async () => {
    await using postgres = await start(tag("postgres"), {
      Env: ["POSTGRES_PASSWORD=secret"],
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: [
        `openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=postgres -keyout /key.pem -out /cert.pem 2>/dev/null
         chown postgres /key.pem && chmod 600 /key.pem
         exec docker-entrypoint.sh postgres -c ssl=on -c ssl_cert_file=/cert.pem -c ssl_key_file=/key.pem -c port=25060 -c max_connections=100`,
      ],
    });
    await postgres.until("the server", async () => (await postgres.exec(ready("25060"))).status === 0);
    const { output } = await postgres.exec(
      [
        "psql",
        "host=127.0.0.1 port=25060 user=postgres sslmode=require",
        "-Atc",
        "select ssl from pg_stat_ssl where pid = pg_backend_pid()",
      ],
      ["PGPASSWORD=secret"],
    );
    expect(output).toBe("t");
  });

  it("ends with its reason when no password is given", async () => {
    const { status: code, output } = await runToEnd(tag("postgres"), {});
    expect(code).toBe(1);
    expect(output).toContain("superuser password is not specified");
  });
});

describe("socket proxy", () => {
  const socket = "/var/run/docker.sock";
  const proxied = (env: string[]) => start(tag("socket-proxy"), { Env: env, HostConfig: { Binds: [`${socket}:${socket}:ro`] } });

  it("grants Sprocket's sections for reading and nothing else", async () => {
    const sections = ["CONTAINERS", "SERVICES", "SWARM", "NETWORKS", "TASKS", "NODES", "EVENTS", "PING", "VERSION"];
    await using proxy = await proxied(sections.map((section) => `${section}=1`));
    const at = (path: string) => `http://${proxy.address}:2375${path}`;
    await proxy.until("the proxy", async () => (await status(at("/_ping"))) === 200);
    for (const path of ["/version", "/v1.41/version", "/v1.41/containers/json", "/networks", "/v1.24/events?until=1"]) {
      expect(await status(at(path)), path).toBe(200);
    }
    // Granted by the proxy: the engine itself answers that it is no manager.
    for (const path of ["/v1.41/services", "/v1.41/tasks", "/v1.41/nodes", "/v1.41/swarm"])
      expect([200, 503], path).toContain(await status(at(path)));
    for (const path of [
      "/info",
      "/secrets",
      "/configs",
      "/images/json",
      "/exec/x/json",
      "/volumes",
      "/v1.41/volumes",
      "/system/df",
      "/plugins",
      "/",
      "/containersX",
    ]) {
      expect(await status(at(path)), path).toBe(403);
    }
    for (const [method, path] of [
      ["POST", "/v1.41/containers/create"],
      ["POST", "/containers/x/start"],
      ["DELETE", "/containers/x"],
      ["PUT", "/containers/x/archive"],
      ["POST", "/services/create"],
    ] as const) {
      expect(await status(at(path), { method }), `${method} ${path}`).toBe(403);
    }
    expect(await status(at("/containers/json"), { method: "HEAD" })).not.toBe(403);
  });

  it("denies by default, but for events, ping and version", async () => {
    await using proxy = await proxied([]);
    const at = (path: string) => `http://${proxy.address}:2375${path}`;
    await proxy.until("the proxy", async () => (await status(at("/_ping"))) === 200);
    expect(await status(at("/version"))).toBe(200);
    expect(await status(at("/containers/json"))).toBe(403);
    expect(await status(at("/%63ontainers/json"))).toBe(403);
  });

  it("lets writes through where POST is on, in granted sections only", async () => {
    await using proxy = await proxied(["POST=1", "CONTAINERS=1"]);
    const at = (path: string) => `http://${proxy.address}:2375${path}`;
    await proxy.until("the proxy", async () => (await status(at("/_ping"))) === 200);
    expect(await status(at("/containers/no-such-container/start"), { method: "POST" })).toBe(404);
    expect(await status(at("/volumes/create"), { method: "POST" })).toBe(403);
  });
});

describe("vault", () => {
  it("runs its own server in development mode by default, as its own user, and is 1.10.0", async () => {
    await using vault = await start(tag("vault"), {
      Env: ["VAULT_DEV_ROOT_TOKEN_ID=root"],
      HostConfig: { CapAdd: ["IPC_LOCK"] },
    });
    const at = (path: string) => `http://${vault.address}:8200/v1${path}`;
    await vault.until("health 200", async () => (await status(at("/sys/health"))) === 200);
    expect(await (await fetch(at("/sys/health"))).json()).toMatchObject({ version: "1.10.0", sealed: false });
    const headers = { "X-Vault-Token": "root" };
    expect(await status(at("/secret/data/a"), { method: "POST", headers, body: '{"data":{"k":"v"}}' })).toBe(200);
    expect(await (await fetch(at("/secret/data/a"), { headers })).json()).toMatchObject({ data: { data: { k: "v" } } });
    expect((await vault.exec(["sh", "-c", "stat -c %U /proc/$(pidof vault)"])).output).toBe("vault");
  });

  it("lets the init script's package step pass, saying what it is, and nothing that is not there", async () => {
    const run = (script: string) => runToEnd(tag("vault"), { Entrypoint: ["/bin/sh", "-c"], Cmd: [script] });
    const pass = await run(
      "apk update && apk add curl jq && curl --version >/dev/null && jq --version >/dev/null && echo passed",
    );
    expect(pass.output).toContain("stand-in of sprocket-resilience");
    expect(pass.output).toContain("passed");
    expect((await run("apk add --no-cache nmap")).status).toBe(1);
    expect((await run("rm /usr/bin/jq; apk update")).status).toBe(1);
  });
});

describe("traefik", () => {
  it("gives flags to traefik, answers its ping, and is 2.11.0", async () => {
    await using traefik = await start(tag("traefik"), {
      Cmd: ["--ping=true", "--entryPoints.web.address=:80", "--api.insecure=true"],
    });
    await traefik.until("ping", async () => (await status(`http://${traefik.address}:8080/ping`)) === 200);
    expect(await (await fetch(`http://${traefik.address}:8080/api/version`)).json()).toMatchObject({ Version: "2.11.0" });
    expect(await status(`http://${traefik.address}/`)).toBe(404);
  });

  it("runs traefik's commands", async () => {
    expect((await runToEnd(tag("traefik"), { Cmd: ["version"] })).output).toMatch(/Version:\s+2\.11\.0/);
  });
});

describe("s3", () => {
  it("keeps objects in folders and refuses strangers", async () => {
    await using s3 = await start(tag("s3"), {
      Entrypoint: ["/bin/sh", "-c"],
      Cmd: ["mkdir -p /data/vault-secrets && exec docker-entrypoint.sh --port :7070 posix /data"],
      Env: ["ROOT_ACCESS_KEY=key", "ROOT_SECRET_KEY=secret"],
    });
    await s3.until("an answer", async () => (await status(`http://${s3.address}:7070/vault-secrets/nothing`)) === 403);
    const object = `http://${s3.address}:7070/vault-secrets/object`;
    const put = await fetch(object, { method: "PUT", headers: signedHeaders("PUT", object, "hello"), body: "hello" });
    expect({ status: put.status, text: await put.text() }).toEqual({ status: 200, text: "" });
    expect(await (await fetch(object, { headers: signedHeaders("GET", object, "") })).text()).toBe("hello");
    expect(await status(object, { headers: { ...signedHeaders("GET", object, ""), "x-amz-date": "20200101T000000Z" } })).toBe(
      403,
    );
    expect((await s3.exec(["cat", "/data/vault-secrets/object"])).output).toBe("hello");
  });
});

describe("dns", () => {
  it("answers what it is told and nothing else", async () => {
    await using dns = await start(tag("dns"), { Cmd: ["--no-resolv", "--no-hosts", "--address=/sprocket.test/10.1.2.3"] });
    const { Resolver } = await import("node:dns/promises");
    const resolver = new Resolver({ timeout: 1000, tries: 1 });
    resolver.setServers([dns.address]);
    await dns.until("an answer", async () => (await resolver.resolve4("api.sprocket.test"))[0] === "10.1.2.3");
    await expect(resolver.resolve4("example.com")).rejects.toMatchObject({ code: expect.stringMatching(/EREFUSED|ENOTFOUND/) });
  });
});

describe("tools", () => {
  it("toxiproxy serves its API on every address, as 2.12.0", async () => {
    await using toxiproxy = await start(tag("toxiproxy"));
    const version = `http://${toxiproxy.address}:8474/version`;
    await toxiproxy.until("its version", async () => (await status(version)) === 200);
    expect(await (await fetch(version)).text()).toContain("2.12.0");
  });

  it("k6 is 1.8.1 and runs as its user", async () => {
    expect((await runToEnd(tag("k6"), { Cmd: ["version"] })).output).toMatch(/k6 v1\.8\.1/);
    expect((await runToEnd(tag("k6"), { Entrypoint: ["id", "-u"], Cmd: [] })).output).toBe("12345");
  });

  it("wrk is Debian's 4.1.0", async () => {
    expect((await runToEnd(tag("wrk"), { Cmd: ["--version"] })).output).toMatch(/wrk debian\/4\.1\.0/);
  });
});
