import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { all, each, equals, fail, named, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, header, httpOf, listIn, notLooked, responseOf } from "../../src/check/http.ts";
import { redirectsTo } from "../../src/check/redirect.ts";
import type { EventOf } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";
import { clientUrl, hasRoute } from "./clients.ts";
import { discovery } from "./routes.ts";

/** What the dashboard's host serves to those who may in: its pages, and the whole configuration. */
const doors = ["/api/rawdata", "/api/http/routers", "/dashboard/", "/"];
const rule = "SprocketAdmin";

const needs = ["traefik", "forward-auth", "route:traefik", "route:forward-auth"] as const;

const dashboard = observation("layer1/dashboard", {
  tier: "layer1",
  needs: [...needs],
  effect: "observe",
  async collect({ target, from, poll, fact }) {
    fact("gatekeeper's host", target.clientRoute("forward-auth").host);
    const gatekeeper = { url: clientUrl(target, "forward-auth", `/login?rule=${rule}`), tls: { insecure: true } };
    const host = clientUrl(target, "traefik", "");
    await poll(discovery, async () => hasRoute(await from.public.http("gatekeeper", gatekeeper)));
    await poll(discovery, async () => hasRoute(await from.public.http("known", { url: `${host}/`, tls: { insecure: true } })));
    for (const path of doors) await from.public.http("door", { url: `${host}${path}`, tls: { insecure: true } });
    // What Traefik itself says of its routers, asked where nobody outside can.
    const inside = await from.inside("traefik");
    await inside.http("routers", { url: "http://127.0.0.1:8080/api/http/routers" });
    await inside.http("middlewares", { url: "http://127.0.0.1:8080/api/http/middlewares" });
  },
});

check(
  "layer1/dashboard-closed",
  dashboard,
  { title: "strangers are sent from the dashboard to forward-auth", service: "forward-auth" },
  (seen) => {
    const gatekeeper = seen.samples("gatekeeper").at(-1);
    if (!gatekeeper) return unknown("forward-auth was not asked");
    const fa = gatekeeperHost(seen);
    // Where forward-auth sends strangers is its own affair (Discord); that they come back to it is not.
    const where = hostOf(locationOf(gatekeeper)) ?? fa;
    return each(
      seen.samples("door"),
      (event) => event.target,
      (event) => {
        const judged = redirectsTo(event, where);
        return judged.verdict === "pass" ? all([judged, comesBackTo(event, fa)]) : judged;
      },
    );
  },
);

/** Histories from before the host was recorded are of the reference, which has it below the domain. */
function gatekeeperHost(seen: Seen): string {
  return seen.facts<string>("gatekeeper's host").at(-1) ?? `fa.${seen.fact<string>("domain")}`;
}

/** The redirect of an OAuth gatekeeper names the host that takes the stranger back. */
function comesBackTo(event: EventOf<"sample">, host: string): Judgement {
  const location = locationOf(event);
  const back = location && URL.canParse(location) ? new URL(location).searchParams.get("redirect_uri") : undefined;
  if (hostOf(location) === host) return pass(`the answer is of ${host}`);
  return equals("host that takes the stranger back", back ? hostOf(back) : undefined, host);
}

interface Router {
  name: string;
  service: string;
  provider: string;
  middlewares?: string[];
}

interface Middleware {
  name: string;
  forwardAuth?: { address: string };
}

check(
  "layer1/dashboard-rule",
  dashboard,
  { title: `the dashboard asks forward-auth for the rule ${rule}`, service: "traefik" },
  (seen) => {
    const fa = gatekeeperHost(seen);
    const routers = listIn<Router>(responseOf(seen.sample("routers").sample));
    const middlewares = listIn<Middleware>(responseOf(seen.sample("middlewares").sample));
    if (!routers || !middlewares) return unknown("Traefik's API did not say what its routers and middlewares are");
    const served = routers.filter((router) => router.service === "api@internal" && router.provider === "docker");
    const wanted = `https://${fa}/login?rule=${rule}`;
    const guarded = each(
      served,
      (router) => `router ${router.name}`,
      (router) => {
        const addresses = (router.middlewares ?? []).map(
          (name) => middlewares.find((one) => one.name === name)?.forwardAuth?.address,
        );
        const met = addresses.filter(Boolean).join(", ") || "nobody";
        return addresses.includes(wanted)
          ? pass(`asks ${wanted}`, { expected: `asks ${wanted}`, observed: `asks ${met}` })
          : fail(`asks ${met} instead of ${wanted}`, { expected: `asks ${wanted}`, observed: `asks ${met}` });
      },
    );
    const doorRules = seen.samples("door").flatMap((event) => ruleOf(locationOf(event)) ?? []);
    return doorRules.length === 0
      ? guarded
      : all([
          guarded,
          ...doorRules.map((met) => named("the state that forward-auth gave a stranger", equals("rule", met, rule))),
        ]);
  },
);

/** The rule in the state that forward-auth keeps for a stranger; nothing when it is told in another way. */
function ruleOf(location: string | undefined): string | undefined {
  const state = location && URL.canParse(location) ? new URL(location).searchParams.get("state") : undefined;
  try {
    const { rule: met } = JSON.parse(Buffer.from(state?.split(".")[0] ?? "", "base64url").toString("utf8")) as { rule?: unknown };
    return typeof met === "string" ? met : undefined;
  } catch {
    return undefined;
  }
}

function locationOf(event: EventOf<"sample">): string | undefined {
  const response = responseOf(event.sample);
  return response && header(response, "location");
}

function hostOf(url: string | undefined): string | undefined {
  return url && URL.canParse(url) ? new URL(url).hostname : undefined;
}

const trusted = observation("layer1/forward-auth-from-traefik", {
  tier: "layer1",
  needs: [...needs],
  effect: "observe",
  async collect({ target, from, poll }) {
    const { host } = target.clientRoute("forward-auth");
    const inside = await from.inside("traefik");
    await inside.dns("name", { name: host });
    const handshake = { host, port: 443, tls: { serverName: host } };
    // Traefik may have only begun to order it.
    await poll(discovery, async () => ((await inside.tls("known certificate", handshake)).error ? undefined : true));
    await inside.tls("certificate", handshake);
    const door = { url: clientUrl(target, "traefik", "/"), tls: { insecure: true } };
    // What Traefik makes of it: its middleware asks that host over TLS before it answers.
    await poll(discovery, async () => hasRoute(await from.public.http("door", door)));
  },
});

check(
  "layer1/forward-auth-trusted",
  trusted,
  { title: "forward-auth's name resolves inside Traefik, and its certificate is trusted there", service: "traefik" },
  (seen) => {
    const door = seen.samples("door").at(-1);
    if (!door) return unknown("nobody asked for the dashboard");
    return all([resolves(seen.sample("name")), trusts(seen.sample("certificate")), asksGatekeeper(door)]);
  },
);

function resolves(event: EventOf<"sample">): Judgement {
  const mine = notLooked(event);
  if (mine) return mine;
  const { sample } = event;
  const response = sample.probe === "dns" ? sample.response : undefined;
  const addresses = response?.answers.filter((answer) => answer.type === "A").map((answer) => answer.data) ?? [];
  const expected = "the name has an address inside Traefik";
  const observed = addresses.join(", ") || (sample.error ? errorWords(sample.error) : (response?.rcode ?? "no answer"));
  return addresses.length > 0
    ? pass(`the name resolves to ${observed}`, { expected, observed })
    : fail(`the name does not resolve inside Traefik: ${observed}`, { expected, observed });
}

function trusts(event: EventOf<"sample">): Judgement {
  const mine = notLooked(event);
  if (mine) return mine;
  const { error, tls } = event.sample;
  const expected = "a handshake from inside Traefik with a trusted certificate";
  if (error)
    return fail(`no trusted handshake from inside Traefik: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  if (tls?.verifyError)
    return fail(`the certificate is not trusted: ${tls.verifyError}`, { expected, observed: tls.verifyError });
  return pass("the certificate is trusted", { expected, observed: `issuer ${tls?.chain?.[0]?.issuer ?? "not shown"}` });
}

function asksGatekeeper(event: EventOf<"sample">): Judgement {
  const mine = notLooked(event);
  if (mine) return mine;
  const { response, error } = httpOf(event);
  const expected = "Traefik reaches forward-auth and passes on what it says";
  if (!response)
    return fail(`no answer from the dashboard's host: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const observed = `status: ${response.status}`;
  return response.status >= 500
    ? fail(`Traefik could not ask forward-auth: it answers ${response.status} to a stranger`, { expected, observed })
    : pass("Traefik asked forward-auth", { expected, observed });
}
