import { createHmac } from "node:crypto";
import { documentedRules, type Gatekeeper, gatekeeperOf } from "../../src/candidate/contract/gatekeeper.ts";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { all, equals, fail, named, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, header, httpOf, notLooked, responseOf } from "../../src/check/http.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { Sample } from "../../src/history/sample.ts";
import type { TargetView } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { clientUrl, hasRoute } from "../layer1/clients.ts";
import { discovery } from "../layer1/routes.ts";

const needs = ["traefik", "forward-auth", "route:traefik", "route:forward-auth"] as const;
const adminRule = "SprocketAdmin";

/** What forward-auth is held to. */
interface GatekeeperFact extends Gatekeeper {
  domain: string;
}

const asked = observation("access/gatekeeper", {
  tier: "layer1",
  needs: [...needs],
  effect: "observe",
  withinMs: 90_000,
  async collect({ target, from, fact, poll }) {
    const told = toldTo(target);
    // A wrong configuration must not change what is expected of the reference; of any other candidate it is all that is known.
    const held = target.candidate.origin.kind === "reference" ? toldToReference(target) : told;
    fact("held to", { ...held, domain: target.domain } satisfies GatekeeperFact);
    const login = clientUrl(target, "forward-auth", "/login");
    const door = clientUrl(target, "traefik", "/api/version");
    const sign = signer(target);
    const knock = (label: string, url: string, cookie?: string) =>
      from.public.http(label, {
        url,
        tls: { insecure: true },
        maxBodyBytes: 256,
        ...(cookie === undefined ? {} : { headers: { cookie: `${told.cookie}=${cookie}` } }),
      });
    await poll(discovery, async () => hasRoute(await knock("known", `${login}?rule=${adminRule}`)));
    await poll(discovery, async () => hasRoute(await knock("known", door)));
    const soon = Math.floor(Date.now() / 1000) + 600;
    const roles = [...new Set(Object.values(held.rules).flat())];
    await Promise.all(
      Object.keys(held.rules).map(async (rule) => {
        for (const role of roles)
          await knock(`${rule} for ${role}`, `${login}?rule=${rule}`, sign({ user: "1", roles: [role], until: soon }));
      }),
    );
    const [admin = ""] = held.rules[adminRule] ?? [];
    const other = roles.find((role) => !held.rules[adminRule]?.includes(role)) ?? "";
    await knock("unknown rule", `${login}?rule=Nobody`, sign({ user: "1", roles, until: soon }));
    await knock("door: admin", door, sign({ user: "1", roles: [admin], until: soon }));
    await knock("door: other role", door, sign({ user: "1", roles: [other], until: soon }));
    await knock("door: no role", door, sign({ user: "1", roles: [], until: soon }));
    await knock("door: session over", door, sign({ user: "1", roles: [admin], until: soon - 3600 }));
    await knock("door: forged", door, `${sign({ user: "1", roles: [admin], until: soon }).split(".")[0]}.${"A".repeat(43)}`);
    await knock("door: stranger", door);
    await knock("stranger", `${login}?rule=${adminRule}`);
  },
});

function toldTo(target: TargetView): Gatekeeper {
  const told = gatekeeperOf(target.candidate, target.service("forward-auth"));
  if (!told) throw new Error("no configuration of forward-auth says what its rules, cookie and callback are");
  return told;
}

function toldToReference(target: TargetView): Gatekeeper {
  const reference = referenceCandidate("core");
  const service = reference.services.find(({ role }) => role === "forward-auth");
  return (service && gatekeeperOf(reference, service)) ?? toldTo(target);
}

/** Makes a session as forward-auth itself signs it after a login: the replica has no Discord that could vouch for anybody. */
function signer(target: TargetView): (session: { user: string; roles: string[]; until: number }) => string {
  const key = target.fill(target.service("forward-auth").env.CLIENT_SECRET ?? "");
  return (session) => {
    const body = Buffer.from(JSON.stringify(session)).toString("base64url");
    return `${body}.${createHmac("sha256", key).update(body).digest("base64url")}`;
  };
}

check(
  "access/rules-admit",
  asked,
  { title: "each rule of forward-auth admits exactly its roles", service: "forward-auth" },
  (seen) => {
    const held = seen.fact<GatekeeperFact>("held to");
    const roles = [...new Set(Object.values(held.rules).flat())];
    return all([
      ...Object.entries(documentedRules).map(([rule, count]) =>
        named(`rule ${rule}`, equals("number of roles", held.rules[rule]?.length ?? 0, count)),
      ),
      ...Object.entries(held.rules).flatMap(([rule, mine]) =>
        roles.map((role) => named(`${rule} for role ${role}`, admits(seen.sample(`${rule} for ${role}`), mine.includes(role)))),
      ),
      named("a rule that nobody made", admits(seen.sample("unknown rule"), false)),
    ]);
  },
);

function admits(event: EventOf<"sample">, wanted: boolean): Judgement {
  const expected = wanted ? "200" : "403";
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { response, error } = httpOf(event);
  if (!response) return fail(`no answer: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  return equals("status", response.status, wanted ? 200 : 403);
}

check(
  "access/sessions",
  asked,
  { title: "the dashboard opens to an administrator's session, and to no other, forged or old one", service: "traefik" },
  (seen) =>
    all([
      named("an administrator", answered(seen.sample("door: admin"), [200])),
      named("another role", answered(seen.sample("door: other role"), [403])),
      named("no role", answered(seen.sample("door: no role"), [403])),
      named("a session that is over", answered(seen.sample("door: session over"), [302, 401])),
      named("a forged session", answered(seen.sample("door: forged"), [302, 401])),
      named("a stranger", answered(seen.sample("door: stranger"), [302, 401])),
    ]),
);

function answered(event: EventOf<"sample">, allowed: readonly number[]): Judgement {
  const expected = `status ${allowed.join(" or ")}`;
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { response, error } = httpOf(event);
  if (!response) return fail(`no answer: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const observed = `status ${response.status}`;
  return allowed.includes(response.status)
    ? pass(observed, { expected, observed })
    : fail(`${observed} instead of ${allowed.join(" or ")}`, { expected, observed });
}

check(
  "access/cookie",
  asked,
  {
    title:
      "forward-auth's cookie covers the guarded hosts and is kept from scripts and plain HTTP, and a login comes back to its own host",
    service: "forward-auth",
  },
  (seen) => {
    const held = seen.fact<GatekeeperFact>("held to");
    const event = seen.sample("stranger");
    const mine = notLooked(event);
    if (mine) return mine;
    const { response, error } = httpOf(event);
    if (!response) return fail(`no answer: ${errorWords(error)}`);
    const cookies = response.headers?.["set-cookie"] ?? [];
    if (cookies.length === 0) return fail("a stranger is given no cookie", { expected: "a cookie with the state of the login" });
    const location = header(response, "location");
    const back = location && URL.canParse(location) ? new URL(location).searchParams.get("redirect_uri") : undefined;
    const host = new URL(event.target.replace(/^\w+ /, "")).hostname;
    return all([
      ...cookies.map((cookie) => keeps(cookie, held.domain)),
      equals("host that takes the stranger back", back && URL.canParse(back) ? new URL(back).hostname : undefined, host),
    ]);
  },
);

function keeps(cookie: string, domain: string): Judgement {
  const [name = "", ...parts] = cookie.split(/;\s*/);
  const attributes = new Map(parts.map((part) => part.toLowerCase().split("=") as [string, string | undefined]));
  const scope = attributes.get("domain")?.replace(/^\./, "");
  return named(
    `cookie ${name.split("=")[0]}`,
    all([
      equals("domain", scope, domain),
      ...["secure", "httponly"].map((flag) =>
        attributes.has(flag) ? pass(`is ${flag}`) : fail(`lacks ${flag}`, { expected: flag, observed: parts.join("; ") }),
      ),
    ]),
  );
}

const closed = observation("access/gatekeeper-killed", {
  tier: "layer1",
  needs: [...needs],
  effect: "disrupt",
  withinMs: 120_000,
  async collect(context) {
    const { target } = context;
    const door = { url: clientUrl(target, "traefik", "/api/version"), tls: { insecure: true }, timeouts: { totalMs: 3000 } };
    const watch = await context.watch("door", "public", door, { ratePerSecond: 10, withinMs: 90_000 });
    await watch.until(sentOn, 5);
    await context.killTask("forward-auth", "SIGKILL");
    await watch.until((sample) => !sentOn(sample), 1);
    const back = await watch.until(sentOn, 10, 1000);
    await watch.stop();
    if (back === "seen")
      context.healSeen(`kill-task/${target.service("forward-auth").name}/SIGKILL`, {
        by: "the door sent a stranger on 10 times in a row",
      });
  },
});

const sentOn = (sample: Sample): boolean => responseOf(sample)?.status === 302;

check("access/fails-closed", closed, { title: "while forward-auth is dead its doors stay shut", service: "traefik" }, (seen) => {
  const samples = seen.samples("door");
  const shut = samples.filter(({ sample }) => !sentOn(sample));
  if (shut.length === 0) return unknown("no client met the door while forward-auth was dead");
  const open = samples.filter(({ sample }) => (responseOf(sample)?.status ?? 500) < 300);
  const met = [...new Set(shut.map(({ sample }) => String(responseOf(sample)?.status ?? sample.error?.kind ?? "nothing")))].join(
    ", ",
  );
  const expected = "no answer of the dashboard itself";
  return open.length === 0
    ? pass(`${shut.length} of ${samples.length} clients were not let in (met ${met})`, { expected, observed: met })
    : fail(`${open.length} of ${samples.length} clients were let in`, {
        expected,
        observed: `status ${responseOf((open[0] as EventOf<"sample">).sample)?.status}`,
      });
});
