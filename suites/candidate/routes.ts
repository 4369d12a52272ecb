import { type EntryRoute, entryRoutes } from "../../src/candidate/contract/entry-routes.ts";
import { gatewayWords, isTraefiksNotFound } from "../../src/check/access/whose.ts";
import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { each, fail, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, httpOf, notLooked, responseOf, toward } from "../../src/check/http.ts";
import { type EventOf, tiers } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";
import { hasRoute } from "../layer1/clients.ts";
import { discovery } from "../layer1/routes.ts";

/** A route as the candidate has it, recorded so that the history alone can be judged. */
export interface RouteFact {
  service: string;
  router: string;
  host: string;
  url: string;
  /** A gatekeeper is asked before the service is. */
  guarded: boolean;
  /** Whether its service came up. */
  up: boolean;
}

// Every host name that a router of the candidate promises, whatever service is behind it: other suites know the parts of Sprocket, this one only what is written.
for (const tier of tiers) {
  const seenAs = observation(`candidate/routes-${tier}`, {
    tier,
    needs: ["traefik", `routes:${tier}`],
    effect: "observe",
    async collect({ target, from, poll, fact }) {
      const traefik = await from.inside("traefik");
      for (const entry of entryRoutes(target.candidate).filter(({ service }) => service.tier === tier)) {
        const up = target.isUp(entry.service.name);
        // What is not reproduced has no route here, and nothing is known of it.
        if (up === undefined) continue;
        const one = factOf(entry, up);
        fact("route", one);
        if (!up) continue;
        // What the service itself says, since many say the very words by which Traefik says that it has no route.
        if (entry.route.port !== undefined)
          await traefik.http(`own ${one.host}`, { url: `http://${one.service}:${entry.route.port}/`, maxBodyBytes: 1024 });
        await poll(discovery, async () => {
          const sample = await from.public.http(`route ${one.host}`, { url: one.url, maxBodyBytes: 1024 });
          return hasRoute(sample);
        });
      }
      await traefik.http("routers", { url: "http://127.0.0.1:8080/api/http/routers" });
    },
    withinMs: 180_000,
  });

  check(
    `candidate/routes-${tier}`,
    seenAs,
    {
      title: `each host name that a router of ${tier} promises leads past Traefik, with a trusted certificate`,
      service: "traefik",
    },
    (seen) =>
      each(
        seen.facts<RouteFact>("route"),
        ({ host, service }) => `${host} (${service})`,
        (route) => leadsPast(seen, route),
      ),
  );
}

function factOf({ service, route, host, url }: EntryRoute, up: boolean): RouteFact {
  return { service: service.name, router: route.router, host, url, guarded: route.forwardAuth !== undefined, up };
}

function leadsPast(seen: Seen, route: RouteFact): Judgement {
  const expected = "an answer of what is behind Traefik";
  if (!route.up) return unknown("its service did not come up", { expected });
  const event = seen.samples(`route ${route.host}`).at(-1);
  if (!event) return unknown("nobody asked for it", { expected });
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { response, error } = httpOf(event);
  if (!response) return fail(`no answer: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const observed = `status: ${response.status}${toward(response)}`;
  if (isTraefiksNotFound(response)) return notFound(seen, route, observed);
  const gateway = gatewayWords(response);
  if (gateway)
    return fail(`Traefik does not reach its service: it answers ${response.status} ${gateway}`, { expected, observed });
  if (route.guarded && response.status === 500 && (response.bodyText ?? "") === "")
    return fail("Traefik cannot ask the gatekeeper of this route: it answers 500 with no words", { expected, observed });
  return pass(`answers with status ${response.status}`, { expected, observed });
}

/** A 404 in Traefik's words is a service's own only when the service says so itself and Traefik knows the router. */
function notFound(seen: Seen, route: RouteFact, observed: string): Judgement {
  const expected = "an answer of what is behind Traefik";
  const own = seen.samples(`own ${route.host}`).at(-1);
  if (!own || !isTraefiksNotFound(responseOf(own.sample)))
    return fail("Traefik has no route for it: it answers its own 404", { expected, observed });
  const known = routerKnown(seen.sample("routers"), route.router);
  if (known === undefined)
    return unknown("the service itself answers as Traefik does without a route, and Traefik does not say what its routers are", {
      expected,
      observed,
    });
  return known
    ? pass("answers 404, as its service itself does, through a router that Traefik knows", { expected, observed })
    : fail("Traefik has no such router: it answers its own 404", { expected, observed });
}

function routerKnown(event: EventOf<"sample">, router: string): boolean | undefined {
  try {
    const list = JSON.parse(responseOf(event.sample)?.bodyText ?? "") as { name: string; status?: string }[];
    return list.some(({ name, status }) => name.replace(/@\w+$/, "") === router && status !== "disabled");
  } catch {
    return undefined;
  }
}
