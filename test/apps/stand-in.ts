import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Application, StandIn } from "../../fixtures/apps/src/shared/dependencies.ts";
import { rendered } from "./rendered.ts";

export const appsFolder = new URL("../../fixtures/apps/", import.meta.url).pathname;

/** Values by placeholder (`postgres.host`); what a candidate fills the templates with. */
export type Values = Readonly<Record<string, string | number>>;

/** Values that do not depend on where the parties are. */
export const fixedValues: Values = {
  hostname: "sprocket.test",
  stack: "prod",
  prefix: "main",
  uuid: "00000000-test",
  "postgres.username": "doadmin",
  "postgres.database": "sprocket_main",
  "s3.ssl": "false",
  "bucket.main": "sprocket-main-1",
  "bucket.replays": "sprocket-replays-main-1",
  "bucket.imageGeneration": "sprocket-image-generation-main-1",
  "queue.core": "prod-core",
  "queue.bot": "prod-bot",
  "queue.matchmaking": "prod-matchmaking",
  "queue.submissions": "prod-submissions",
  "queue.notifications": "prod-notifications",
  "queue.ig": "prod-ig",
  "queue.analytics": "prod-analytics",
  "queue.celery": "prod-celery",
  "queue.events": "prod-events",
  "s3.accessKey": "access-key",
  "celery.queue": "main-celery",
  "influx.org": "sprocket",
  "influx.bucket": "sprocket_main",
  "bot.prefix": "s.",
  "discord.authorizeUrl": "https://discord.test/oauth2/authorize",
  "discord.clientId": "900000000000000001",
  "core.graphql": "http://127.0.0.1:5/graphql",
  "influx.address": "http://127.0.0.1:6",
  "dgraph.address": "127.0.0.1:7",
};

/** Values of a machine where nothing listens. */
export const nowhere: Values = {
  ...fixedValues,
  "postgres.host": "127.0.0.1",
  "postgres.port": 1,
  "redis.host": "127.0.0.1",
  "redis.port": 2,
  "rabbitmq.url": "amqp://broker-user:broker-pass-word@127.0.0.1:3?heartbeat=60",
  "s3.endpoint": "127.0.0.1",
  "s3.port": 4,
  "celery.broker": "amqp://broker-user:broker-pass-word@127.0.0.1:3?heartbeat&#x3D;60",
  "celery.backend": "redis://:redis-pass-word@127.0.0.1:2",
  "influx.address": "http://127.0.0.1:5",
  "gql.internal": "127.0.0.1:6/graphql",
};

/** A template of fixtures/apps/config with its placeholders filled; throws on one without a value. */
export function render(template: string, values: Values): string {
  return readFileSync(join(appsFolder, "config", template), "utf8").replace(/\{\{([^}]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for placeholder ${name}`);
    return String(value);
  });
}

/** Each is unlike any other, so that a leak shows whose it is. */
const ownSecrets: Readonly<Record<string, string>> = Object.fromEntries(
  [
    "db-password.txt",
    "jwtSecret.txt",
    "minio-secret.txt",
    "minio-access.txt",
    "googleClientId.txt",
    "googleSecret.txt",
    "discord-secret.txt",
    "discord-client.txt",
    "redis-password.txt",
    "epic-client.txt",
    "epic-secret.txt",
    "steam-key.txt",
    "chatwoot-hmac-key.txt",
    "bot-token.txt",
    "influx-token",
    "ballchasing-token",
    "dgraph-api-key.txt",
  ].map((file) => [file, `value-of-${file.replace(/\W/g, "-")}`]),
);
/** Contents by file under /app/secret; the database's password has two names. */
export const secrets: Readonly<Record<string, string>> = { ...ownSecrets, "db-secret.txt": ownSecrets["db-password.txt"] ?? "" };

export const clientSecret = "value-of-client-secret";

/** Which template becomes which file. The others' configurations are of the form that Sprocket's own program renders. */
const configOf: Partial<Record<StandIn, readonly [template: string, file: string]>> = {
  core: ["core.json", "app/config/production.json"],
  matchmaking: ["matchmaking.json", "app/config/production.json"],
  submission: ["submission.json", "app/config/production.json"],
  notification: ["notification.json", "app/config/production.json"],
  web: ["web.json", "app/clients/web/config/production.json"],
  "forward-auth": ["forward-auth.yaml", "app/config.yaml"],
};

/** Program and arguments, where they are not the name alone. */
const commandOf: Partial<Record<StandIn, readonly string[]>> = {
  "dgraph-zero": ["dgraph", "zero", "--my=zero:5080"],
  "dgraph-alpha": ["dgraph", "alpha", "--my=alpha:7080"],
};

/** Ports of those that have more than one, the HTTP port first. */
const portsOf: Partial<Record<StandIn, readonly number[]>> = {
  "dgraph-zero": [6080, 5080],
  "dgraph-alpha": [8080, 7080, 9080],
  fluentd: [24220, 24224],
  neo4j: [7474, 7687],
};

/** Those that answer over HTTP. */
const overHttp: readonly StandIn[] = [
  "core",
  "web",
  "forward-auth",
  "image-generation-frontend",
  "grafana",
  "gatus",
  "dgraph-zero",
  "dgraph-alpha",
  "fluentd",
  "loki",
  "neo4j",
  "n8n",
];

/** Stand-ins of Sprocket's own images: they have secret files and, but for the legacy ones, a configuration. */
export const applications: readonly Application[] = [
  "core",
  "web",
  "forward-auth",
  "matchmaking",
  "submission",
  "notification",
  "discord-bot",
  "image-generation",
  "image-generation-frontend",
  "analytics",
  "replay-parse",
  "elo",
  "legacy-worker",
  "legacy-bot",
];

const isApplication = (name: StandIn): name is Application => (applications as readonly StandIn[]).includes(name);

/** What Sprocket's definition gives a service by its environment. */
function environmentOf(name: StandIn, values: Values): Record<string, string> {
  const redis = { REDIS_HOST: String(values["redis.host"]), REDIS_PORT: String(values["redis.port"]) };
  const postgres = { host: String(values["postgres.host"]), port: String(values["postgres.port"]) };
  const user = String(values["postgres.username"]);
  const password = secrets["db-password.txt"] ?? "";
  const database = String(values["postgres.database"]);
  const legacy = {
    ...redis,
    REDIS_PASSWORD: secrets["redis-password.txt"] ?? "",
    NODE_TLS_REJECT_UNAUTHORIZED: "0",
    bot_token: secrets["bot-token.txt"] ?? "",
    connstring: `postgresql://${user}:${password}@${postgres.host}:${postgres.port}/${database}?ssl=true`,
    file_bucket: String(values["bucket.main"]),
    file_token: secrets["minio-access.txt"] ?? "",
    file_token_secret: secrets["minio-secret.txt"] ?? "",
    SPROCKET: "yes",
  };
  const known: Partial<Record<StandIn, Record<string, string>>> = {
    core: {
      CACHE_HOST: redis.REDIS_HOST,
      CACHE_PORT: redis.REDIS_PORT,
      LOGGER_LEVELS: '["error","warn","log","debug"]',
    },
    "forward-auth": { CLIENT_SECRET: clientSecret },
    elo: { ...redis, REDIS_PREFIX: "main", DGRAPH_DATABASE_URL: String(values["dgraph.address"]) },
    "legacy-worker": legacy,
    "legacy-bot": { ...legacy, bot: "Emilio" },
    grafana: {
      GF_DATABASE_TYPE: "postgres",
      GF_DATABASE_HOST: `${postgres.host}:${postgres.port}`,
      GF_DATABASE_NAME: database,
      GF_DATABASE_USER: user,
      GF_DATABASE_PASSWORD: password,
      GF_DATABASE_SSL_MODE: "require",
      GF_INSTALL_PLUGINS: "redis-datasource,grafana-polystat-panel",
      INFLUX_TOKEN: secrets["influx-token"] ?? "",
    },
    n8n: {
      DB_TYPE: "postgresdb",
      DB_POSTGRESDB_HOST: postgres.host,
      DB_POSTGRESDB_PORT: postgres.port,
      DB_POSTGRESDB_DATABASE: database,
      DB_POSTGRESDB_USER: user,
      DB_POSTGRESDB_PASSWORD: password,
      DB_POSTGRESDB_SSL_ENABLED: "true",
      DB_POSTGRESDB_SSL_REJECT_UNAUTHORIZED: "false",
      N8N_PORT: "5678",
    },
  };
  return known[name] ?? {};
}

export interface Options {
  readonly values?: Values;
  /** Changes the rendered configuration. */
  readonly config?: (text: string) => string;
  /** The configuration in the form of Sprocket's own program, in place of our template's. */
  readonly rendered?: boolean;
  /** Further files, by path below the root. */
  readonly files?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly withoutSecrets?: readonly string[];
}

/** A stand-in as a process of its own, with Sprocket's files in a folder of its own. May be started again after its end. */
export class StandInProcess {
  readonly name: StandIn;
  readonly port: number;
  readonly #root: string;
  readonly #environment: Record<string, string>;
  readonly #command: readonly string[];
  readonly #ports: ReadonlyMap<number, number>;
  #child: ChildProcess | undefined;
  #exit: Promise<number | null> = Promise.resolve(null);
  output = "";

  private constructor(
    name: StandIn,
    ports: ReadonlyMap<number, number>,
    root: string,
    environment: Record<string, string>,
    command: readonly string[],
  ) {
    this.name = name;
    this.port = [...ports.values()][0] ?? 0;
    this.#ports = ports;
    this.#root = root;
    this.#environment = environment;
    this.#command = command;
  }

  /** Where a port of a part with several lies here. */
  portOf(contract: number): number {
    return this.#ports.get(contract) ?? this.port;
  }

  static async prepare(name: StandIn, options: Options = {}): Promise<StandInProcess> {
    const values = options.values ?? nowhere;
    const root = mkdtempSync(join(tmpdir(), `stand-in-${name}-`));
    const place = (file: string, text: string) => {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    };
    if (isApplication(name)) {
      const [template, path] = configOf[name] ?? [];
      const [file, text] =
        (template === undefined || path === undefined || options.rendered === true
          ? rendered(name, values)
          : [path, render(template, values)]) ?? [];
      if (file !== undefined && text !== undefined) place(file, options.config?.(text) ?? text);
      for (const [secret, value] of Object.entries(secrets)) {
        if (!options.withoutSecrets?.includes(secret)) place(`app/secret/${secret}`, `${value}\n`);
      }
    }
    for (const [file, text] of Object.entries(options.files ?? {})) place(file, text);
    const ports = new Map<number, number>();
    for (const contract of portsOf[name] ?? [0]) ports.set(contract, await freePort());
    const environment: Record<string, string> = {
      PATH: process.env.PATH ?? "",
      // Types are stripped and code is compiled once, not again for each of the hundred processes that these tests start.
      NODE_COMPILE_CACHE: join(tmpdir(), "sprocket-resilience-stand-ins"),
      NODE_ENV: "production",
      STAND_IN_ROOT: root,
      ...environmentOf(name, values),
      ...options.environment,
    };
    for (const [contract, port] of ports)
      environment[contract === 0 ? "STAND_IN_PORT" : `STAND_IN_PORT_${contract}`] = String(port);
    return new StandInProcess(name, ports, root, environment, [...(commandOf[name] ?? [name]), ...(options.arguments ?? [])]);
  }

  /** Starts the process and returns at once. */
  start(): void {
    this.output = "";
    const [program, ...rest] = this.#command;
    const child = spawn(process.execPath, [join(appsFolder, "src", `${program}.ts`), ...rest], {
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const take = (part: Buffer) => {
      this.output += part.toString("utf8");
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    this.#exit = new Promise((resolve) => child.once("close", (code) => resolve(code)));
  }

  /** Starts the process and waits for a log line with this message: "listening" and "answering" mean ready. */
  async ready(message = this.#readyMessage()): Promise<this> {
    this.start();
    await until(`${this.name} logs "${message}"`, () => {
      if (!this.running) throw new Gone(`${this.name} ended: ${this.output}`);
      return this.output.includes(`"message":"${message}"`);
    });
    return this;
  }

  #readyMessage(): string {
    return overHttp.includes(this.name) ? "listening" : "answering";
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident memory in bytes. */
  get memory(): number {
    const status = readFileSync(`/proc/${this.#child?.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
  }

  /** Ports that the process listens on. */
  get listening(): number[] {
    const pid = this.#child?.pid;
    const own = new Set(socketInodes(pid));
    return ["tcp", "tcp6"].flatMap((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, "utf8")
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter((columns) => columns[3] === "0A" && own.has(columns[9] ?? ""))
        .map((columns) => Number.parseInt(columns[1]?.split(":")[1] ?? "", 16)),
    );
  }

  /** The process's exit code, which must come within `limit` ms; null when a signal ended it. */
  async exitCode(limit = 15_000): Promise<number | null> {
    return Promise.race([
      this.#exit,
      sleep(limit, undefined, { ref: false }).then(() => {
        throw new Error(`${this.name} still runs after ${limit} ms: ${this.output}`);
      }),
    ]);
  }

  /** Ends the process as a crash does. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.running) this.#child?.kill(signal);
    await this.#exit;
  }

  async dispose(): Promise<void> {
    await this.kill();
    rmSync(this.#root, { recursive: true, force: true });
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** One question to the GraphQL API, timed in ms. */
  async graphql(query: string): Promise<GraphqlAnswer> {
    const started = performance.now();
    const response = await fetch(this.url("/graphql"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
      signal: AbortSignal.timeout(10_000),
    });
    const body = (await response.json()) as Pick<GraphqlAnswer, "data" | "errors">;
    return { ...body, status: response.status, took: performance.now() - started };
  }
}

export interface GraphqlAnswer {
  readonly status: number;
  readonly took: number;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the question's
  readonly data?: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly string[];
    readonly extensions?: { readonly code?: string; readonly dependency?: string };
  }[];
}

function socketInodes(pid: number | undefined): string[] {
  return fdTargets(pid).flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

function fdTargets(pid: number | undefined): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      return [readlinkSync(join(folder, fd))];
    } catch {
      return [];
    }
  });
}

/** Ends a wait at once: what was waited for can no longer come. */
export class Gone extends Error {}

/** Asks until the answer is truthy, and returns it; fails with the last error after `limit` ms. */
export async function until<T>(what: string, ask: () => T | Promise<T>, limit = 30_000): Promise<NonNullable<T>> {
  const end = performance.now() + limit;
  let last: unknown;
  while (performance.now() < end) {
    try {
      const answer = await ask();
      if (answer) return answer;
      last = answer;
    } catch (error) {
      if (error instanceof Gone) throw error;
      last = error;
    }
    await sleep(100);
  }
  throw new Error(`not within ${limit} ms: ${what}; last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
