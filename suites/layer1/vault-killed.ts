import { field } from "../../src/check/access/whose.ts";
import { check, type Judgement, NotSeen, type Seen } from "../../src/check/check.ts";
import { onAgentClock } from "../../src/check/clock.ts";
import { all, condition, equals, fail, named, pass, show, unknown } from "../../src/check/expect.ts";
import { responseOf } from "../../src/check/http.ts";
import { recoveredForMs, recoversWithin } from "../../src/check/recovery.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { DisruptContext } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { clientUrl } from "./clients.ts";
import { initialisations, type KeyFacts, readSecret, recordKeys, writeSecret } from "./vault.ts";

/** Longer than the promise, so that a late recovery is told from none. */
const watchMs = 90_000;
const good = (sample: Sample): boolean => responseOf(sample)?.status === 200;

/** Writes a secret, lets Vault die, watches its health as a client sees it, and looks at everything again. */
async function killed(
  context: DisruptContext,
  path: string,
  kill: () => Promise<{ pid: number; task: string }>,
  fault: string,
): Promise<void> {
  const { target, from, fact } = context;
  const health = { url: clientUrl(target, "vault", "/v1/sys/health"), timeouts: { totalMs: 3000 } };
  await writeSecret(context, path);
  await recordKeys(context, "keys before");
  await from.public.http("health before", health);
  await target.tasks("tasks before", "vault");

  const watch = await context.watch("health", "public", health, { ratePerSecond: 5, withinMs: watchMs });
  await watch.until(good, 5);
  const { task } = await kill();
  // The newest answers may still be from before: only after a bad one does a good one speak of a recovery.
  await watch.until((sample) => !good(sample), 1);
  const back = await watch.until(good, 10, recoveredForMs);
  await watch.stop();
  if (back === "seen")
    context.healSeen(fault.replace("{service}", target.service("vault").name), {
      by: "sys/health answered 200 to a client 10 times in a row",
    });

  const after = await target.tasks("tasks after", "vault");
  fact("killed task", task);
  await from.public.http("health after", health);
  await recordKeys(context, "keys after");
  if (back === "seen") return await readSecret(context, path, "read after");
  // Of a task that ended by itself since: the newest one may not have said anything yet.
  const ended = after.find((one) => one.id !== task && one.exitCode !== undefined && one.state !== "running");
  const log = (await context.taskLogs("vault")).find((one) => one.task === ended?.id);
  fact("last words", log?.lines.slice(-6) ?? []);
}

const taskKilled = observation("layer1/vault-killed", {
  tier: "layer1",
  needs: ["traefik", "vault", "route:vault"],
  effect: "disrupt",
  withinMs: 180_000,
  collect: (context) => killed(context, "killed", () => context.killTask("vault", "SIGKILL"), "kill-task/{service}/SIGKILL"),
});

// The server alone: the script that started it, the task's first process, lives and has to notice.
const serverKilled = observation("layer1/vault-server-killed", {
  tier: "layer1",
  needs: ["traefik", "vault", "route:vault"],
  effect: "disrupt",
  withinMs: 180_000,
  collect: (context) =>
    killed(
      context,
      "server-killed",
      () => context.killProcess("vault", "vault", "SIGKILL"),
      "kill-process/{service}/vault/SIGKILL",
    ),
});

check(
  "layer1/vault-recovers",
  taskKilled,
  { title: "Vault, killed as a crash kills it, unseals itself", service: "vault" },
  recovers,
);

check(
  "layer1/vault-server-recovers",
  serverKilled,
  { title: "Vault's server, killed alone, comes back with all it held", service: "vault" },
  (seen) => {
    const back = recovers(seen);
    return back.verdict === "pass" ? all([back, sameVault(seen), secretSurvives(seen)]) : back;
  },
);

check(
  "layer1/vault-restarted-once",
  taskKilled,
  { title: "Swarm starts Vault once more, and once is enough", service: "vault" },
  (seen) => {
    const [before, after] = ["tasks before", "tasks after"].map((name) => seen.fact<Task[]>(name)) as [Task[], Task[]];
    const dead = seen.fact<string>("killed task");
    const made = after.filter((task) => !before.some((one) => one.id === task.id));
    const expected = "one new task, running, in place of the killed one";
    const observed = made.map(describe).join(", ") || "no new task";
    const corpse = after.find((task) => task.id === dead);
    if (corpse?.state === "running")
      return fail("the killed task is still said to run", { expected, observed: describe(corpse) });
    const [one] = made;
    if (!one) return fail("Swarm made no new task for Vault", { expected, observed });
    if (made.length > 1) return fail(`Swarm started Vault ${made.length} times: ${observed}`, { expected, observed });
    return one.state === "running"
      ? pass("one new task, running", { expected, observed })
      : fail(`the new task is ${observed}`, { expected, observed });
  },
);

check(
  "layer1/vault-same",
  taskKilled,
  { title: "after a crash it is the same Vault, initialised once ever", service: "vault" },
  sameVault,
);
check(
  "layer1/vault-secret-survives",
  taskKilled,
  { title: "a secret outlives a crash of Vault", service: "vault" },
  secretSurvives,
);

interface Task {
  id: string;
  state: string;
  exitCode?: number;
  error?: string;
}

function describe({ state, exitCode, error }: Task): string {
  return [state, exitCode === undefined || state === "running" ? undefined : `exit code ${exitCode}`, error]
    .filter(Boolean)
    .join(", ");
}

/** Health by the client's own eyes; what Swarm and the tasks said explains a recovery that did not come. */
function recovers(seen: Seen): Judgement {
  const applied = seen.faults().find((event) => event.step === "applied") as EventOf<"fault"> | undefined;
  if (!applied) throw new NotSeen("no fault was applied");
  const { atNs, errorNs } = onAgentClock(seen.history, "public", applied.t);
  const judged = recoversWithin(seen.samples("health"), {
    faultAt: atNs,
    clockError: errorNs,
    good,
    objective: seen.objective("vault-recovery"),
  });
  if (judged.verdict !== "fail") return judged;
  const health = responseOf(seen.sample("health after").sample);
  const ended = seen
    .fact<Task[]>("tasks after")
    .find((task) => task.state !== "running" && task.id !== seen.facts<string>("killed task").at(-1));
  const lines = seen.facts<string[]>("last words").at(-1) ?? [];
  // Two streams end in one log, so the last line is not always the one that says why.
  const telling = lines.filter((line) => /error|fail|refus|denied|already/i.test(line));
  const words = (telling.length > 0 ? telling : lines.slice(-1)).join(" ");
  const why = [
    health ? `sys/health answers ${health.status}` : "sys/health does not answer",
    ended ? `Vault's newest ended task: ${describe(ended)}` : undefined,
    words ? `its last words: ${show(words)}` : undefined,
  ];
  return { ...judged, reason: `${judged.reason}; ${why.filter(Boolean).join("; ")}` };
}

/** Same cluster, same key files, and no task ever says that it made a second barrier. */
function sameVault(seen: Seen): Judgement {
  const [before, after] = ["health before", "health after"].map((label) =>
    field(responseOf(seen.sample(label).sample)?.bodyText, "cluster_id"),
  );
  const [kept, now] = ["keys before", "keys after"].map((name) => seen.fact<KeyFacts>(name)) as [KeyFacts, KeyFacts];
  if (before === undefined) return unknown("Vault did not say which cluster it was before the fault");
  return all([
    condition("cluster id", after, `is ${show(before)} as before`, after === before),
    named("unseal_tokens.txt", unchanged(kept.keys, now.keys)),
    named("root_token.txt", unchanged(kept.root, now.root)),
    named("times that Vault says it was initialised", equals("count", initialisations(now), 1)),
  ]);
}

function unchanged(before: KeyFacts["keys"], after: KeyFacts["keys"]): Judgement {
  const expected = "content and time as before the fault";
  if (!before || !after)
    return fail(`${before ? "gone after" : "not there before"} the fault`, { expected, observed: "no file" });
  return before.sha256 === after.sha256 && before.mtimeMs === after.mtimeMs
    ? pass("unchanged", { expected, observed: "unchanged" })
    : fail("written anew after the fault", { expected, observed: `written ${new Date(after.mtimeMs).toISOString()}` });
}

function secretSurvives(seen: Seen): Judgement {
  const event = seen.sample("read after");
  const { status, bodyText } = responseOf(event.sample) ?? {};
  const data = field(bodyText, "data") as { data?: { value?: string } } | undefined;
  const value = seen.fact<string>("value");
  return all([
    named("reading the secret with the token from before", equals("status", status, 200)),
    condition("the secret", data?.data?.value, `is ${show(value)}`, data?.data?.value === value),
  ]);
}
