import { check, type Judgement, NotSeen, type Seen } from "../../src/check/check.ts";
import { onAgentClock } from "../../src/check/clock.ts";
import { all, atMost, condition, each, equals, fail, named, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, httpOf, notLooked } from "../../src/check/http.ts";
import { recoveredForMs, recoversWithin } from "../../src/check/recovery.ts";
import { allSettled } from "../../src/engine/all-settled.ts";
import type { MemberState, TailnetPath } from "../../src/engine/party/tailnet/member.ts";
import type { Attempt, TailnetFault } from "../../src/engine/party/tailnet/started-tailnet.ts";
import type { EventOf, Objective } from "../../src/history/events.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { DisruptContext, Read, TargetView } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";

/**
 * What a client of the tailnet asks: the ingress by its MagicDNS name. Whose route answers is for other checks; here any answer of the entry point counts, and the certificate
 * that it shows for a name that no router knows is its default one.
 */
const askIngress = ({ tailnet }: TargetView): Read => ({
  url: `https://${tailnet.ingress.name}/`,
  tls: { insecure: true },
  timeouts: { totalMs: 2000 },
});

const answered = (sample: Sample): boolean => sample.probe === "http" && sample.response !== undefined;

const direct = observation("access/tailnet-direct", {
  tier: "layer1",
  needs: ["traefik", "mode:tailscale"],
  effect: "observe",
  async collect({ target, from, fact, poll }) {
    fact("ingress", target.tailnet.ingress);
    const patience = { withinMs: 15_000, everyMs: 250 };
    await poll(patience, async () => (answered(await from.tailscale.http("answer", askIngress(target))) ? true : undefined));
    // The first packets may go through the relay, until both have found each other.
    await poll(patience, async () => ((await target.tailnet.path("path")).kind === "direct" ? true : undefined));
  },
});

check(
  "access/tailnet-direct",
  direct,
  { title: "a client of the tailnet reaches the ingress by its MagicDNS name, from machine to machine", service: "traefik" },
  (seen) => {
    const ingress = seen.fact<{ name: string; address: string }>("ingress");
    const last = seen.samples("answer").at(-1);
    if (!last) return unknown("the client of the tailnet never asked");
    const mine = notLooked(last);
    if (mine) return mine;
    const { response, error } = httpOf(last);
    const { resolved, peer, source, tls } = last.sample;
    const expected = `an answer of ${ingress.name} over TLS`;
    if (!response) return fail(`no answer of ${ingress.name}: ${errorWords(error)}`, { expected, observed: errorWords(error) });
    return all([
      equals(`addresses of ${ingress.name} by ${resolved?.server}`, resolved?.answers, [ingress.address]),
      equals("the other end", peer, `${ingress.address}:443`),
      condition("the client's end", source, "is the client's own address in the tailnet", isOwn(seen, source)),
      condition("TLS version", tls?.version, "is one that was agreed on", tls?.version !== undefined),
      pathIs(seen.fact<TailnetPath>("path"), "direct"),
    ]);
  },
);

const stranger = observation("access/tailnet-stranger", {
  tier: "layer1",
  needs: ["traefik", "mode:tailscale"],
  effect: "observe",
  async collect({ target, from, poll }) {
    const { ingress, echo, state } = target.tailnet;
    await state("stranger", "stranger");
    // What it may do is seen first: that it then reaches no port is the rules' work, and not that of a dead tunnel.
    await poll({ withinMs: 15_000, everyMs: 250 }, async () => ((await echo("echo", "stranger")).answered ? true : undefined));
    const timeouts = { totalMs: 2000 };
    await Promise.all([80, 443].map((port) => from.stranger.tcp("port", { host: ingress.address, port, timeouts })));
  },
});

check(
  "access/tailnet-stranger",
  stranger,
  { title: "the tailnet's access rules keep a stranger from the entry points", service: "traefik" },
  (seen) => {
    const { state } = seen.fact<MemberState>("stranger");
    const { answered, words } = seen.fact<{ answered: boolean; words: string }>("echo");
    if (state !== "Running") return unknown(`the stranger is not in the tailnet itself: its state is ${state}`);
    if (!answered) return unknown(`the stranger's tunnel carried nothing, so a port that is shut proves nothing: ${words}`);
    return each(seen.samples("port"), (event) => `port ${event.target.split(":").at(-1)}`, isShut);
  },
);

/** Silence, and nothing else: a machine that refuses was reached. */
function isShut(event: EventOf<"sample">): Judgement {
  const mine = notLooked(event);
  if (mine) return mine;
  const { error, peer } = event.sample;
  const expected = "no answer";
  if (!error) return fail(`open to the stranger at ${peer}`, { expected, observed: `connected to ${peer}` });
  const silent = error.kind === "connect-timeout" || error.kind === "timeout" || error.kind === "unreachable";
  return silent
    ? pass("shut", { expected, observed: errorWords(error) })
    : fail(`the stranger was answered: ${errorWords(error)}`, { expected, observed: errorWords(error) });
}

const faults = observation("access/tailnet-faults", {
  tier: "layer1",
  needs: ["traefik", "mode:tailscale"],
  effect: "disrupt",
  withinMs: 240_000,
  async collect(context) {
    // Who may join has nothing to do with paths, and finding the way through the relay takes its time.
    await allSettled([cutDirect(context), context.newcomers("newcomers")]);
    await loseControl(context);
    await expireKey(context);
  },
});

const watched = { ratePerSecond: 5, withinMs: 30_000 };

async function cutDirect({ target, from, watch, holdTailnet }: DisruptContext): Promise<void> {
  const watching = await watch("through the cut", from.tailscale, askIngress(target), watched);
  await watching.until(answered, 3);
  await holdTailnet("direct-path-cut", async () => {
    // What was asked in vain ends later than what was answered before: only after a bad answer does a good one speak of the relay.
    await watching.until((sample) => !answered(sample), 1);
    await watching.until(answered, 5, recoveredForMs);
    await target.tailnet.path("path while cut");
  });
  await watching.stop();
  await target.tailnet.path("path after the cut");
}

async function loseControl({ target, from, watch, holdTailnet }: DisruptContext): Promise<void> {
  await holdTailnet("control-gone", async () => {
    const watching = await watch("without control", from.tailscale, askIngress(target), watched);
    await watching.until(answered, 5, recoveredForMs);
    await watching.stop();
  });
}

async function expireKey({ target, from, watch, holdTailnet }: DisruptContext): Promise<void> {
  await holdTailnet("key-expired", async () => {
    await target.tailnet.state("client while expired", "client");
    const watching = await watch("while expired", from.tailscale, askIngress(target), watched);
    await watching.until((sample) => !answered(sample), 5, recoveredForMs);
    await watching.stop();
  });
  const watching = await watch("after the new login", from.tailscale, askIngress(target), watched);
  await watching.until(answered, 5);
  await watching.stop();
}

/** Tailscale's own: a path that fell silent is trusted for 6.5 s, and what was asked meanwhile may take its time-out to end. */
const failover: Objective = {
  id: "tailnet-failover",
  subject: "tailnet",
  unit: "s",
  limit: 10,
  source: "tailscale/tailscale wgengine/magicsock/magicsock.go, trustUDPAddrDuration",
};
/** From the order to the client's own tailscaled knowing it. */
const expiryMs = 10_000;

check(
  "access/tailnet-derp",
  faults,
  { title: "with the direct path cut, the ingress is reached through the relay", service: "traefik" },
  (seen) => {
    const { atNs, errorNs } = onAgentClock(seen.history, "tailscale", stepOf(seen, "direct-path-cut", "applied").t);
    const { measured: _, ...back } = recoversWithin(seen.samples("through the cut"), {
      faultAt: atNs,
      clockError: errorNs,
      good: answered,
      objective: failover,
    });
    if (back.verdict !== "pass") return back;
    return all([
      back,
      named("while cut", pathIs(seen.fact<TailnetPath>("path while cut"), "derp")),
      named("healed", pathIs(seen.fact<TailnetPath>("path after the cut"), "direct")),
    ]);
  },
);

check(
  "access/tailnet-control-gone",
  faults,
  { title: "without its control server the tailnet goes on carrying what it carries", service: "traefik" },
  (seen) => {
    const samples = seen.samples("without control");
    stepOf(seen, "control-gone", "heal-seen");
    return isAlways(samples, "answered", answered);
  },
);

check(
  "access/tailnet-key-expired",
  faults,
  {
    title: "a client whose key is expired is cut off until it logs in again, and no bad key lets anybody in",
    service: "traefik",
  },
  (seen) => {
    const took = stepOf(seen, "key-expired", "effect-seen").t - stepOf(seen, "key-expired", "applied").t;
    const after = seen.samples("after the new login");
    return all([
      atMost("time until the client knew", took, expiryMs, "ms"),
      isAlways(seen.samples("while expired"), "not answered", (sample) => !answered(sample)),
      named("after the new login", condition("last answer", after.length, "is one", answeredLast(after))),
      newcomersRefused(seen.fact<Attempt[]>("newcomers")),
    ]);
  },
);

/** @throws NotSeen when the fault never came so far */
function stepOf(seen: Seen, fault: TailnetFault, step: EventOf<"fault">["step"]): EventOf<"fault"> {
  const found = seen.faults().find((event) => event.fault === `tailnet/${fault}` && event.step === step);
  if (!found) throw new NotSeen(`the history has no "${step}" of tailnet/${fault}`);
  return found;
}

/** Refusals count only where a good key lets a newcomer in. */
function newcomersRefused(attempts: readonly Attempt[]): Judgement {
  const fresh = attempts.find((one) => one.key === "fresh");
  if (!fresh?.listed) return unknown(`a newcomer with a good key was not let in either: ${fresh?.words ?? "none tried"}`);
  const bad = attempts.filter((one) => one.key !== "fresh");
  return each(
    bad,
    ({ key }) => `a newcomer with a key that is ${key}`,
    ({ code, words, listed }) => {
      const expected = "refused";
      const observed = `tailscale up ended with ${code}: ${words}`;
      return code === 0 || listed ? fail("was let in", { expected, observed }) : pass("refused", { expected, observed });
    },
  );
}

function isAlways(events: readonly EventOf<"sample">[], what: string, good: (sample: Sample) => boolean): Judgement {
  const looked = events.filter((event) => !notLooked(event));
  if (looked.length === 0) return unknown("the client never looked");
  const bad = looked.filter((event) => !good(event.sample));
  const expected = `${what} every time`;
  const observed = `${looked.length - bad.length} of ${looked.length} ${what}`;
  const [first] = bad;
  if (!first) return pass(observed, { expected, observed });
  const met = first.sample.error ? errorWords(first.sample.error) : "an answer";
  return fail(`${observed}; first met ${met}`, { expected, observed });
}

function answeredLast(events: readonly EventOf<"sample">[]): boolean {
  const last = events.at(-1);
  return last !== undefined && answered(last.sample);
}

function pathIs({ kind, via }: TailnetPath, wanted: TailnetPath["kind"]): Judgement {
  return condition("path", `${kind}, ${via}`, `is ${wanted}`, kind === wanted);
}

/** Whether an end of ours is the address that the history names as this place's own. */
function isOwn({ history }: Seen, source: string | undefined): boolean {
  const address = source?.replace(/:\d+$/, "");
  return history.some(
    (event) => event.type === "vantage" && event.name === "tailscale" && event.subnets.includes(`${address}/32`),
  );
}
