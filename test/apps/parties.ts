import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from "testcontainers";
import type { Dependency } from "../../fixtures/apps/src/shared/dependencies.ts";
import { provideImages } from "../../src/engine/images/index.ts";
import { appsFolder, fixedValues, freePort, secrets, until, type Values } from "./stand-in.ts";

// Its image is not to be had everywhere; what is started here is stopped here, and carries our label.
process.env.TESTCONTAINERS_RYUK_DISABLED ??= "true";

export type PartyName = Extract<Dependency, "postgres" | "redis" | "rabbitmq" | "s3">;

/** The catalogue's image for this party, which the set-up of container tests has had made. */
async function imageOf(party: PartyName): Promise<string> {
  const { container } = await getContainerRuntimeClient();
  const [image] = await provideImages(container.dockerode, [party], { policy: "auto", onProgress: () => undefined });
  if (image === undefined) throw new Error(`the catalogue has no image ${party}`);
  return image.tag;
}

const secretOf = (file: string): string => secrets[file] ?? "";

/** Our own network, so that nothing here depends on what others do to the engine's default one. */
const network = `stand-in-parties-${process.pid}`;
const labels = { "sprocket-resilience.test": "apps" };

/** A container whose published port stays the same over a kill and a start, and is on loopback only. */
class LoopbackContainer extends GenericContainer {
  constructor(image: string, inside: number, outside: number) {
    super(image);
    this.withExposedPorts({ container: inside, host: outside });
    this.withLabels(labels);
    this.withNetworkMode(network);
    this.withStartupTimeout(120_000);
    for (const bindings of Object.values(this.hostConfig.PortBindings as Record<string, { HostIp?: string }[]>)) {
      for (const binding of bindings) binding.HostIp = "127.0.0.1";
    }
  }
}

/** A real server that stand-ins depend on; it can be killed and started again with its data and its address. */
export class Party {
  readonly port: number;
  readonly #container: StartedTestContainer;

  constructor(port: number, container: StartedTestContainer) {
    this.port = port;
    this.#container = container;
  }

  async kill(): Promise<void> {
    const container = await this.#handle();
    await container.kill();
    await until("the killed party is down", async () => !(await container.inspect()).State.Running);
  }

  async start(): Promise<void> {
    await (await this.#handle()).start();
  }

  /** Suspends every process: connections stay, nothing answers. */
  async freeze(): Promise<void> {
    await (await this.#handle()).pause();
  }

  async thaw(): Promise<void> {
    await (await this.#handle()).unpause();
  }

  async dispose(): Promise<void> {
    await this.#container.stop();
  }

  async #handle() {
    return (await getContainerRuntimeClient()).container.getById(this.#container.getId());
  }
}

export type Parties = Readonly<Record<PartyName, Party>>;

/** Starts all four side by side; disposes of those that came up when one did not. */
export async function startParties(): Promise<Parties> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  await dockerode.createNetwork({ Name: network, Labels: labels });
  const names = ["postgres", "redis", "rabbitmq", "s3"] as const;
  const started = await Promise.allSettled([startPostgres(), startRedis(), startRabbit(), startS3()]);
  const failed = started.find((result) => result.status === "rejected");
  if (failed !== undefined) {
    await Promise.allSettled(started.map((result) => (result.status === "fulfilled" ? result.value.dispose() : undefined)));
    await removeNetwork();
    throw failed.reason;
  }
  return Object.fromEntries(names.map((name, at) => [name, (started[at] as PromiseFulfilledResult<Party>).value])) as Parties;
}

export async function disposeOf(parties: Parties): Promise<void> {
  await Promise.all(Object.values(parties).map((party) => party.dispose()));
  await removeNetwork();
}

/** Removes the network, and containers on it whose start failed, which testcontainers leaves behind. */
async function removeNetwork(): Promise<void> {
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const left = await dockerode.listContainers({ all: true, filters: { network: [network] } });
  await Promise.all(left.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true })));
  await dockerode.getNetwork(network).remove();
}

/** What the templates are filled with so that stand-ins meet these parties. */
export function valuesFor(parties: Parties): Values {
  return {
    ...fixedValues,
    "postgres.host": "127.0.0.1",
    "postgres.port": parties.postgres.port,
    "redis.host": "127.0.0.1",
    "redis.port": parties.redis.port,
    "rabbitmq.url": brokerUrl(parties.rabbitmq),
    "s3.endpoint": "127.0.0.1",
    "s3.port": parties.s3.port,
  };
}

export function brokerUrl(party: Party): string {
  return `amqp://127.0.0.1:${party.port}?heartbeat=60`;
}

/** PostgreSQL that speaks TLS, with a certificate nobody trusts. */
async function startPostgres(): Promise<Party> {
  const port = await freePort();
  const { key, certificate } = selfSigned("postgres");
  const enableTls = [
    "set -e",
    'cp /tls/server.crt /tls/server.key "$PGDATA/"',
    'chmod 600 "$PGDATA/server.key"',
    `printf "ssl = on\\nssl_cert_file = 'server.crt'\\nssl_key_file = 'server.key'\\n" >> "$PGDATA/postgresql.conf"`,
    // Without TLS there is no way in, as at the managed database.
    'printf "hostnossl all all all reject\\nhostssl all all all scram-sha-256\\nlocal all all trust\\n" > "$PGDATA/pg_hba.conf"',
  ].join("\n");
  const container = await new LoopbackContainer(await imageOf("postgres"), 5432, port)
    .withEnvironment({
      POSTGRES_USER: String(fixedValues["postgres.username"]),
      POSTGRES_PASSWORD: secretOf("db-password.txt"),
      POSTGRES_DB: String(fixedValues["postgres.database"]),
    })
    .withCopyContentToContainer([
      { content: key, target: "/tls/server.key", mode: 0o644 },
      { content: certificate, target: "/tls/server.crt", mode: 0o644 },
      { content: enableTls, target: "/docker-entrypoint-initdb.d/tls.sh", mode: 0o644 },
    ])
    .withWaitStrategy(Wait.forSuccessfulCommand("pg_isready -h 127.0.0.1"))
    .start();
  return new Party(port, container);
}

async function startRedis(): Promise<Party> {
  const modules = ["rejson.so", "redisearch.so"].flatMap((file) => ["--loadmodule", `/usr/lib/redis/modules/${file}`]);
  return redisWith(modules);
}

/** Redis without modules, as a plain image has it. */
export async function startPlainRedis(): Promise<Party> {
  return redisWith([]);
}

async function redisWith(modules: readonly string[]): Promise<Party> {
  const port = await freePort();
  const password = secretOf("redis-password.txt");
  const container = await new LoopbackContainer(await imageOf("redis"), 6379, port)
    .withCommand(["--requirepass", password, ...modules])
    .withWaitStrategy(Wait.forSuccessfulCommand(`redis-cli -a ${password} ping | grep -q PONG`))
    .start();
  return new Party(port, container);
}

async function startRabbit(): Promise<Party> {
  const port = await freePort();
  const container = await new LoopbackContainer(await imageOf("rabbitmq"), 5672, port)
    // Its data lie in a folder that is named after the host.
    .withHostname("stand-in-test")
    .withWaitStrategy(Wait.forSuccessfulCommand("rabbitmq-diagnostics -q check_port_listener 5672"))
    .start();
  return new Party(port, container);
}

async function startS3(): Promise<Party> {
  const port = await freePort();
  const accessKeyId = secretOf("minio-access.txt");
  const secretAccessKey = secretOf("minio-secret.txt");
  const container = await new LoopbackContainer(await imageOf("s3"), 7070, port)
    .withEnvironment({ ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey })
    .withCommand(["--port", ":7070", "posix", "/srv"])
    .withWaitStrategy(Wait.forLogMessage(/./))
    .start();
  const client = s3Client();
  for (const bucket of ["bucket.main", "bucket.replays", "bucket.imageGeneration"].map((name) => fixedValues[name])) {
    await until(`bucket ${bucket}`, async () => {
      const response = await client.fetch(`http://127.0.0.1:${port}/${bucket}`, { method: "PUT" });
      return response.ok || response.status === 409;
    });
  }
  return new Party(port, container);
}

function s3Client(): { fetch(url: string, init: object): Promise<Response> } {
  // The stand-ins' own client; the packages of fixtures/apps are not the project's.
  const { AwsClient } = createRequire(join(appsFolder, "package.json"))("aws4fetch") as {
    AwsClient: new (options: object) => { fetch(url: string, init: object): Promise<Response> };
  };
  const keys = { accessKeyId: secretOf("minio-access.txt"), secretAccessKey: secretOf("minio-secret.txt") };
  return new AwsClient({ ...keys, service: "s3", region: "us-east-1", retries: 0 });
}

/** Writes an object as somebody else would. */
export async function putObject(parties: Parties, bucket: string, key: string, body: string): Promise<void> {
  const response = await s3Client().fetch(`http://127.0.0.1:${parties.s3.port}/${bucket}/${key}`, { method: "PUT", body });
  if (!response.ok) throw new Error(`PUT of ${key} was answered ${response.status}`);
}

/** A certificate for localhost that is its own authority, in PEM. */
export function selfSigned(name: string): { key: string; certificate: string } {
  const folder = mkdtempSync(join(tmpdir(), "stand-in-tls-"));
  try {
    const key = join(folder, "key.pem");
    const certificate = join(folder, "certificate.pem");
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
        ...["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate],
      ],
      { stdio: "ignore" },
    );
    return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
