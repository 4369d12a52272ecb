import { afterEach, expect, test } from "vitest";
import { imageOf, type StandIn } from "../../fixtures/apps/src/shared/dependencies.ts";
import { brokerUrlOf } from "../../fixtures/apps/src/shared/rabbitmq.ts";
import {
  applications,
  clientSecret,
  nowhere,
  type Options,
  StandInProcess as Process,
  type StandInProcess,
  secrets,
  until,
} from "./stand-in.ts";

// Nothing listens where these stand-ins look: what they answer without any dependency.

const started: StandInProcess[] = [];
async function prepare(name: StandIn, options?: Options): Promise<StandInProcess> {
  const standIn = await Process.prepare(name, options);
  started.push(standIn);
  return standIn;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((standIn) => standIn.dispose()));
});

const names = applications;
const withPort = ["core", "web", "forward-auth", "image-generation-frontend"] as const;
/** All that their configuration or environment tells them is a file. */
const configured = names.filter((name) => !name.startsWith("legacy-") && name !== "elo");

function lines(standIn: StandInProcess): Record<string, unknown>[] {
  return standIn.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test.each(names)("%s says in its first line what it stands for, logs JSON only, and no secret", async (name) => {
  const standIn = await prepare(name);
  standIn.start();
  await until("three log lines", () => standIn.output.split("\n").length > 2 || !standIn.running);
  if (name === "core") await standIn.graphql('mutation { createScrim(playerId: "1") { id } }');
  await standIn.kill("SIGTERM");
  expect(lines(standIn)[0]?.message).toBe(`stand-in for ${imageOf[name]}`);
  for (const secret of [...Object.values(secrets), clientSecret, "broker-pass-word"])
    expect(standIn.output).not.toContain(secret);
});

test.each(withPort)("%s listens on one port, marks every answer, and ends at SIGTERM with code 0", async (name) => {
  const standIn = await (await prepare(name)).ready();
  expect(standIn.listening).toEqual([standIn.port]);
  const answer = await fetch(standIn.url("/healthz"), { redirect: "manual" });
  expect([answer.status, answer.headers.get("x-sprocket-stand-in")]).toEqual([404, name]);
  await standIn.kill("SIGTERM");
  expect(await standIn.exitCode()).toBe(0);
});

test.each(["matchmaking", "submission", "notification"] as const)("%s ends with code 1 when there is no broker", async (name) => {
  const standIn = await prepare(name);
  standIn.start();
  expect(await standIn.exitCode()).toBe(1);
  expect(lines(standIn).at(-1)).toMatchObject({ level: "error", reason: expect.stringContaining("rabbitmq: ") });
});

test("core ends with code 1 and names every secret that is missing", async () => {
  const standIn = await prepare("core", { withoutSecrets: ["steam-key.txt", "jwtSecret.txt"] });
  standIn.start();
  expect(await standIn.exitCode()).toBe(1);
  expect(lines(standIn).at(-1)?.reason).toBe("secret missing: /app/secret/jwtSecret.txt, /app/secret/steam-key.txt");
});

test("a secret of the environment wins over its file", async () => {
  const withoutSecrets = ["steam-key.txt"];
  const standIn = await prepare("core", { withoutSecrets, environment: { STEAM_API_KEY: "from-the-environment" } });
  await standIn.ready();
  expect(standIn.running).toBe(true);
});

test.each(configured)("%s ends with code 1 when its configuration is broken or has an unfilled placeholder", async (name) => {
  for (const [config, reason] of [
    [() => "{ broken: [", "cannot be parsed"],
    [(text: string) => text.replace("sprocket.test", "{{hostname}}").replace("prod-", "{{hostname}}-"), "unfilled placeholder"],
  ] as const) {
    const standIn = await prepare(name, { config });
    standIn.start();
    expect(await standIn.exitCode()).toBe(1);
    expect(lines(standIn).at(-1)?.reason).toContain(reason);
  }
});

test.each(names)("%s starts with a configuration as Sprocket's own program renders it", async (name) => {
  const standIn = await prepare(name, { rendered: true });
  standIn.start();
  // Three of them end for want of a broker, and not before they have read all that they need.
  const said = { matchmaking: "rabbitmq: ", submission: "rabbitmq: ", notification: "rabbitmq: " }[name as string];
  const waits = ["discord-bot", "image-generation", "analytics", "replay-parse"].includes(name)
    ? "broker unavailable"
    : undefined;
  const legacy = ["elo", "legacy-worker", "legacy-bot"].includes(name) ? "redis connection failed" : undefined;
  await until(`${name} has read its configuration`, () => standIn.output.includes(said ?? waits ?? legacy ?? '"listening"'));
  expect(standIn.output).not.toContain("cannot start");
  for (const secret of Object.values(secrets)) expect(standIn.output).not.toContain(secret);
});

test.each([
  ["amqp://broker:5672?heartbeat=60", "amqp://broker:5672?heartbeat=60"],
  ["amqp://broker:5672?heartbeat&#x3D;60", "amqp://broker:5672"],
  ["amqp://broker?heartbeat&#x3D;60", "amqp://broker"],
  [
    "amqp://user:pass@broker:5672/vhost?heartbeat=60&frameMax=8192",
    "amqp://user:pass@broker:5672/vhost?heartbeat=60&frameMax=8192",
  ],
])("the broker's URL %s is taken as %s", (text, taken) => {
  expect(brokerUrlOf(text)).toBe(taken);
});

test.each(["discord-bot", "image-generation", "analytics", "replay-parse"] as const)(
  "%s goes on without a broker",
  async (name) => {
    const standIn = await prepare(name);
    standIn.start();
    await until("a second attempt", () => standIn.output.split("broker unavailable").length > 2);
    expect(standIn.running).toBe(true);
  },
);

test("the image-generation frontend shows which of its dependencies do not answer", async () => {
  const frontend = await (await prepare("image-generation-frontend")).ready();
  const page = await fetch(frontend.url("/"));
  expect(page.status).toBe(200);
  expect((await page.text()).match(/data-\w+="unreachable"/g)).toEqual([
    'data-postgres="unreachable"',
    'data-s3="unreachable"',
    'data-rabbitmq="unreachable"',
  ]);
});

test.each(["legacy-worker", "legacy-bot"] as const)("%s names what its environment lacks, and no value of it", async (name) => {
  for (const [environment, reason] of [
    [{ bot_token: "" }, "environment lacks bot_token"],
    [{ connstring: "user:pass-of-nobody@host" }, "environment has no postgresql:// URL in connstring"],
  ] as const) {
    const standIn = await prepare(name, { environment });
    standIn.start();
    expect(await standIn.exitCode()).toBe(1);
    expect(lines(standIn).at(-1)?.reason).toBe(reason);
  }
});

test("core without any dependency still answers, and keeps asking for its broker", async () => {
  const core = await (await prepare("core")).ready();
  expect(await core.graphql("{ __typename }")).toMatchObject({ status: 200, data: { __typename: "Query" } });
  const answer = await core.graphql('{ __typename databaseTime cached(key: "a") { hit } storage { intact } }');
  expect(answer.status).toBe(200);
  expect(answer.took).toBeLessThan(5_000);
  expect(answer.data).toEqual({ __typename: "Query", databaseTime: null, cached: null, storage: null });
  expect(answer.errors?.map((error) => [error.path?.[0], error.extensions?.dependency]).sort()).toEqual([
    ["cached", "redis"],
    ["databaseTime", "postgres"],
    ["storage", "s3"],
  ]);
  await until("a third attempt", () => core.output.split("broker unavailable").length > 3);
  expect(core.running).toBe(true);
});

test("core speaks GraphQL over HTTP as the real API does", async () => {
  const core = await (await prepare("core")).ready();
  const status = async (method: string, path: string) => (await fetch(core.url(path), { method })).status;
  expect(await status("GET", "/graphql")).toBe(400);
  expect(await status("HEAD", "/graphql")).toBe(405);
  expect(await status("DELETE", "/graphql")).toBe(405);
  expect(await status("POST", "/graphql")).toBe(400);
  expect(await status("GET", "/graphql?query=%7B__typename%7D")).toBe(200);
  expect(await status("GET", "/graphql?query=mutation%7BcreatePlayer(name:%22a%22)%7Bid%7D%7D")).toBe(405);
  expect(await status("GET", "/")).toBe(404);
  for (const query of ["{ __schema { types { name } } }", '{ __type(name: "Query") { name } }']) {
    const refused = await core.graphql(query);
    expect([refused.status, refused.data, refused.errors?.[0]?.extensions?.code]).toEqual([
      400,
      undefined,
      "INTROSPECTION_DISABLED",
    ]);
  }
  expect((await core.graphql("{ nothing }")).errors?.[0]?.extensions?.code).toBe("GRAPHQL_VALIDATION_FAILED");
  expect((await core.graphql("{")).errors?.[0]?.extensions?.code).toBe("GRAPHQL_PARSE_FAILED");
});

test("web sends a visitor to the login page, which answers although the API does not", async () => {
  const web = await (await prepare("web", { config: (text) => text.replace("api.sprocket.test", "localhost:1") })).ready();
  const home = await fetch(web.url("/"), { redirect: "manual" });
  expect([home.status, home.headers.get("location")]).toEqual([302, "/auth/login"]);
  const page = await fetch(web.url("/auth/login"));
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('data-api="unreachable"');
  const head = await fetch(web.url("/auth/login"), { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("no stand-in needs more than its share of memory", async () => {
  const core = await (await prepare("core", { values: nowhere })).ready();
  await core.graphql('{ databaseTime cached(key: "a") { hit } storage { intact } }');
  expect(core.memory).toBeLessThan(140 * 1_048_576);
});
