import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StandIn } from "../../fixtures/apps/src/shared/dependencies.ts";

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
  "discord.authorizeUrl": "https://discord.test/oauth2/authorize",
  "discord.clientId": "900000000000000001",
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
};

/** A template of fixtures/apps/config with its placeholders filled; throws on one without a value. */
export function render(template: string, values: Values): string {
  return readFileSync(join(appsFolder, "config", template), "utf8").replace(/\{\{([^}]+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`no value for placeholder ${name}`);
    return String(value);
  });
}

/** Contents by file under /app/secret; each is unlike any other, so that a leak shows whose it is. */
export const secrets: Readonly<Record<string, string>> = Object.fromEntries(
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
  ].map((file) => [file, `value-of-${file.replace(/\W/g, "-")}`]),
);

export const clientSecret = "value-of-client-secret";

/** Which template becomes which file. */
const configOf: Readonly<Record<StandIn, readonly [template: string, file: string]>> = {
  core: ["core.json", "app/config/production.json"],
  matchmaking: ["matchmaking.json", "app/config/production.json"],
  submission: ["submission.json", "app/config/production.json"],
  notification: ["notification.json", "app/config/production.json"],
  web: ["web.json", "app/clients/web/config/production.json"],
  "forward-auth": ["forward-auth.yaml", "app/config.yaml"],
};

export interface Options {
  readonly values?: Values;
  /** Changes the rendered configuration. */
  readonly config?: (text: string) => string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly withoutSecrets?: readonly string[];
}

/** A stand-in as a process of its own, with Sprocket's files in a folder of its own. May be started again after its end. */
export class StandInProcess {
  readonly name: StandIn;
  readonly port: number;
  readonly #root: string;
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  #exit: Promise<number | null> = Promise.resolve(null);
  output = "";

  private constructor(name: StandIn, port: number, root: string, environment: Record<string, string>) {
    this.name = name;
    this.port = port;
    this.#root = root;
    this.#environment = environment;
  }

  static async prepare(name: StandIn, options: Options = {}): Promise<StandInProcess> {
    const values = options.values ?? nowhere;
    const root = mkdtempSync(join(tmpdir(), `stand-in-${name}-`));
    const place = (file: string, text: string) => {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    };
    const [template, file] = configOf[name];
    const text = render(template, values);
    place(file, options.config?.(text) ?? text);
    for (const [secret, value] of Object.entries(secrets)) {
      if (!options.withoutSecrets?.includes(secret)) place(`app/secret/${secret}`, `${value}\n`);
    }
    const port = await freePort();
    return new StandInProcess(name, port, root, {
      PATH: process.env.PATH ?? "",
      // Types are stripped and code is compiled once, not again for each of the hundred processes that these tests start.
      NODE_COMPILE_CACHE: join(tmpdir(), "sprocket-resilience-stand-ins"),
      NODE_ENV: "production",
      STAND_IN_ROOT: root,
      STAND_IN_PORT: String(port),
      CACHE_HOST: String(values["redis.host"]),
      CACHE_PORT: String(values["redis.port"]),
      LOGGER_LEVELS: '["error","warn","log","debug"]',
      CLIENT_SECRET: clientSecret,
      ...options.environment,
    });
  }

  /** Starts the process and returns at once. */
  start(): void {
    this.output = "";
    const child = spawn(process.execPath, [join(appsFolder, "src", `${this.name}.ts`)], {
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
    return ["core", "web", "forward-auth"].includes(this.name) ? "listening" : "answering";
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
