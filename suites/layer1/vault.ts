import { createHash, randomUUID } from "node:crypto";
import { field } from "../../src/check/access/whose.ts";
import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { all, condition, equals, fail, named, oneOf, pass, show, unknown } from "../../src/check/expect.ts";
import { responseOf } from "../../src/check/http.ts";
import { statusIs } from "../../src/check/status.ts";
import type { EventOf, Finding } from "../../src/history/events.ts";
import type { WriteContext } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { clientUrl, hasRoute } from "./clients.ts";
import { discovery } from "./routes.ts";

const health = observation("layer1/vault-health", {
  tier: "layer1",
  needs: ["traefik", "vault", "route:vault"],
  effect: "observe",
  async collect({ target, from, poll }) {
    const base = clientUrl(target, "vault", "/v1/sys");
    await poll(discovery, async () => hasRoute(await from.public.http("known", { url: `${base}/health` })));
    await from.public.http("health", { url: `${base}/health` });
    await from.public.http("health by HEAD", { url: `${base}/health`, method: "HEAD" });
    await from.public.http("init", { url: `${base}/init` });
    await from.public.http("seal", { url: `${base}/seal-status` });
  },
});

check(
  "layer1/vault-health",
  health,
  { title: "Vault is initialised, unsealed and active, and its health code says so", service: "vault" },
  (seen) =>
    all([
      // 429 is standby, 501 not initialised, 503 sealed (facts sheet, section 5.1).
      named("sys/health", statusIs(seen.sample("health"), 200)),
      named("sys/health by HEAD", statusIs(seen.sample("health by HEAD"), 200)),
      told(seen, "health", "initialized", true),
      told(seen, "health", "sealed", false),
      told(seen, "health", "standby", false),
      told(seen, "init", "initialized", true),
      told(seen, "seal", "sealed", false),
      told(seen, "seal", "type", "shamir"),
      // The script's plain `vault operator init` makes five shares, of which three unseal (facts sheet, section 5.2, step 7a).
      told(seen, "seal", "n", 5),
      told(seen, "seal", "t", 3),
    ]),
);

function told(seen: Seen, label: string, name: string, wanted: unknown): Judgement {
  return named(`sys/${label}`, equals(name, field(responseOf(seen.sample(label).sample)?.bodyText, name), wanted));
}

/** What a look at Vault's own files and words shows, without a key in it. */
export interface KeyFacts {
  /** Absent when there is no such file on the node. */
  keys?: FileFacts;
  root?: FileFacts;
  /** Of each task that the engine still knows, newest first. */
  tasks: { task: string; lines: number; initialisations: number; keysShown: number[]; tokenShown: number[] }[];
}

interface FileFacts {
  lines: number;
  sha256: string;
  mtimeMs: number;
}

/** The folder on the node that Vault's script keeps its keys in. */
export function keyFolder({ target }: Pick<WriteContext, "target">): string {
  const mount = target.service("vault").mounts.find((one) => one.target === "/vault/unseal-tokens");
  if (!mount) throw new Error("this Vault has no folder for its keys");
  return mount.source;
}

export function rootTokenFile(context: Pick<WriteContext, "target">): string {
  return `${keyFolder(context)}/root_token.txt`;
}

/** Looks at the key files on the node and at what Vault's tasks printed; of the keys only counts, hashes and numbers of lines leave this function. */
export async function recordKeys(context: WriteContext, label: string): Promise<void> {
  const folder = keyFolder(context);
  const read = async (name: string) => {
    const content = await context.nodeFile(`${folder}/${name}`);
    const stat = await context.nodeStat(`${folder}/${name}`);
    const lines = content?.split("\n").filter(Boolean) ?? [];
    if (content === undefined || !stat) return { lines };
    const sha256 = createHash("sha256").update(content).digest("hex");
    return { lines, facts: { lines: lines.length, sha256, mtimeMs: stat.mtimeMs } };
  };
  const keys = await read("unseal_tokens.txt");
  const root = await read("root_token.txt");
  const showing = (lines: string[], secrets: string[]) =>
    lines.flatMap((line, at) => (secrets.some((secret) => line.includes(secret)) ? [at + 1] : []));
  const tasks = (await context.taskLogs("vault")).map(({ task, lines }) => ({
    task,
    lines: lines.length,
    initialisations: lines.filter((line) => line.includes("security barrier initialized")).length,
    keysShown: showing(lines, keys.lines),
    tokenShown: showing(lines, root.lines),
  }));
  const facts: KeyFacts = { ...(keys.facts ? { keys: keys.facts } : {}), ...(root.facts ? { root: root.facts } : {}), tasks };
  context.fact(label, facts);
}

const once = observation("layer1/vault-initialised-once", {
  tier: "layer1",
  needs: ["vault"],
  effect: "write",
  collect: (context) => recordKeys(context, "keys"),
});

check(
  "layer1/vault-initialised-once",
  once,
  { title: "Vault was initialised once, and its keys lie where its next start looks", service: "vault" },
  (seen) => {
    const facts = seen.fact<KeyFacts>("keys");
    const judged = all([
      named("times that Vault says it was initialised", equals("count", initialisations(facts), 1)),
      facts.keys
        ? named("unseal_tokens.txt", equals("keys", facts.keys.lines, 5))
        : fail("the node has no unseal_tokens.txt: the next start of Vault cannot unseal", {
            expected: "5 keys",
            observed: "no file",
          }),
      facts.root
        ? named("root_token.txt", equals("tokens", facts.root.lines, 1))
        : fail("the node has no root_token.txt", { expected: "1 token", observed: "no file" }),
    ]);
    return { ...judged, findings: leaks(facts) };
  },
);

/** How often the server wrote that it made a new barrier, over all tasks. */
export function initialisations(facts: KeyFacts): number {
  return facts.tasks.reduce((sum, task) => sum + task.initialisations, 0);
}

/** Step 7b of the facts sheet, section 5.2: the script prints both to stdout, so they end wherever logs are shipped. */
function leaks(facts: KeyFacts): Finding[] {
  return facts.tasks.flatMap(({ keysShown, tokenShown }) => {
    if (keysShown.length + tokenShown.length === 0) return [];
    const of = (lines: number[]) => (lines.length === 0 ? "" : ` (line ${lines.join(", ")})`);
    return [
      {
        rule: "vault/keys-in-log",
        place: "vault",
        what: `the log of Vault's task shows ${keysShown.length} unseal keys${of(keysShown)} and the root token ${tokenShown.length} times${of(tokenShown)}`,
        cure: "Write them to the files only (`>` instead of `tee`), and change keys and token of a Vault whose logs were shipped.",
      },
    ];
  });
}

const mount = "sprocket-resilience";

/** Has a kv store of our own in Vault and writes a value into it, as an operator with the root token does. */
export async function writeSecret(context: WriteContext, path: string): Promise<void> {
  const inside = await context.from.inside("vault");
  const base = "http://127.0.0.1:8200/v1";
  const json = { headers: { "content-type": "application/json" }, headersFromFile: { "X-Vault-Token": rootTokenFile(context) } };
  const value = randomUUID();
  context.fact("value", value);
  await inside.request("mount", {
    url: `${base}/sys/mounts/${mount}`,
    method: "POST",
    ...json,
    body: JSON.stringify({ type: "kv", options: { version: "2" } }),
    timeouts: { totalMs: 15_000 },
  });
  // A kv store of version 2 refuses writes with 400 while it is being made ready.
  await context.poll({ withinMs: 10_000, everyMs: 250 }, async () => {
    const sample = await inside.request("write", {
      url: `${base}/${mount}/data/${path}`,
      method: "POST",
      ...json,
      body: JSON.stringify({ data: { value } }),
      timeouts: { totalMs: 15_000 },
    });
    return sample.response?.status === 400 ? undefined : true;
  });
}

export async function readSecret(context: WriteContext, path: string, label = "read"): Promise<void> {
  const inside = await context.from.inside("vault");
  await inside.request(label, {
    url: `http://127.0.0.1:8200/v1/${mount}/data/${path}`,
    headersFromFile: { "X-Vault-Token": rootTokenFile(context) },
  });
}

const secret = observation("layer1/vault-secret", {
  tier: "layer1",
  needs: ["vault"],
  effect: "write",
  async collect(context) {
    await writeSecret(context, "gate");
    await readSecret(context, "gate");
    const inside = await context.from.inside("vault");
    await inside.http("stranger", { url: `http://127.0.0.1:8200/v1/${mount}/data/gate` });
  },
});

check(
  "layer1/vault-secret",
  secret,
  { title: "a secret that was written is read back, with the token only", service: "vault" },
  (seen) =>
    all([written(seen), readsBack(seen, "read"), named("without a token", oneOfStatus(seen.sample("stranger"), [400, 403]))]),
);

function oneOfStatus(event: EventOf<"sample">, allowed: number[]): Judgement {
  const response = responseOf(event.sample);
  return response ? oneOf("status", response.status, allowed) : statusIs(event, allowed);
}

/** The kv store was there or was made, and took the value. */
export function written(seen: Seen): Judgement {
  const writes = seen.samples("write");
  const last = writes.at(-1);
  if (!last) return unknown("nothing was written");
  const made = seen.sample("mount");
  const there = responseOf(made.sample)?.bodyText?.includes("path is already in use") ?? false;
  return all([
    there ? pass("the store was there") : named("making a kv store", withWords(made, statusIs(made, [200, 204]))),
    named("writing", withWords(last, statusIs(last, 200))),
  ]);
}

/** The value that was written comes back. */
export function readsBack(seen: Seen, label: string): Judgement {
  const event = seen.sample(label);
  const answered = named("reading", withWords(event, statusIs(event, 200)));
  if (answered.verdict !== "pass") return answered;
  const data = field(responseOf(event.sample)?.bodyText, "data") as { data?: { value?: string } } | undefined;
  return condition(
    "the value read back",
    data?.data?.value,
    `is ${show(seen.fact("value"))}`,
    data?.data?.value === seen.fact("value"),
  );
}

/** A failed answer of Vault says why in its body. */
function withWords(event: EventOf<"sample">, judgement: Judgement): Judgement {
  const errors = field(responseOf(event.sample)?.bodyText, "errors") as string[] | undefined;
  if (judgement.verdict !== "fail" || !errors?.length) return judgement;
  return { ...judgement, reason: `${judgement.reason}: ${errors.join("; ").replace(/\s+/g, " ").slice(0, 200)}` };
}
