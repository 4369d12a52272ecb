import { isTraefiksNotFound, markOf } from "../../src/check/access/whose.ts";
import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { all, each, fail, pass, show } from "../../src/check/expect.ts";
import { errorWords, header, httpOf, notLooked, responseOf, toward } from "../../src/check/http.ts";
import type { EventOf } from "../../src/history/events.ts";
import type { ObserveContext } from "../../src/probe/context.ts";
import { observation } from "../../src/probe/observation.ts";
import { type ClientQuestion, clientQuestions, clientUrl, hasRoute, isTraefiks404 } from "./clients.ts";

/** Traefik asks Swarm for its services every 15 s, so a route may be that much later than its service; then it orders a certificate for it. */
export const discovery = { withinMs: 35_000, everyMs: 500 };

const platform = ["core", "web"];

for (const route of clientQuestions) {
  const seenAs = observation(`layer1/route-${route.slug}`, {
    tier: platform.includes(route.role) ? "platform" : route.role === "rabbitmq" ? "layer2" : "layer1",
    needs: ["traefik", route.role, `route:${route.role}`],
    effect: "observe",
    async collect({ target, from, poll }) {
      const inside = await from.inside("traefik");
      const direct = {
        url: `http://${target.service(route.role).name}:${target.clientRoute(route.role).port ?? route.port}${route.ask.path}`,
      };
      await ("query" in route.ask ? inside.graphql("own", { ...direct, query: route.ask.query }) : inside.http("own", direct));
      // Each look is a sample; the newest is judged.
      await poll(discovery, async () => ((await ask(route, { target, from })) ? true : undefined));
    },
  });
  check(`layer1/route-${route.slug}`, seenAs, { title: `${route.name} leads to ${route.role}`, service: route.role }, (seen) =>
    leadsTo(seen, route),
  );
}

/** One request as a client makes it; whether a router took it. Its certificate is another check's. */
async function ask(route: ClientQuestion, { target, from }: Pick<ObserveContext, "target" | "from">): Promise<boolean> {
  const request = { url: clientUrl(target, route.role, route.ask.path), tls: { insecure: true } };
  const sample =
    "query" in route.ask
      ? await from.public.graphql("client", { ...request, query: route.ask.query })
      : await from.public.http("client", request);
  return hasRoute(sample) === true;
}

/** Clients get what the service itself answers inside, and not an answer of the entry point. */
function leadsTo(seen: Seen, route: ClientQuestion): Judgement {
  const events = seen.samples("client");
  const event = events.at(-1);
  if (!event) return { verdict: "unknown", reason: "no client asked" };
  const own = seen.sample("own");
  const expected = `the answer that ${route.role} itself gives`;
  const mine = notLooked(event) ?? notLooked(own);
  if (mine) return { ...mine, expected };
  const [through, within] = [httpOf(event), httpOf(own)];
  const asked = event.target.replace(/^\w+ /, "");
  if (!through.response)
    return fail(`no answer from ${asked}: ${errorWords(through.error)}`, { expected, observed: errorWords(through.error) });
  const observed = `status: ${through.response.status}${toward(through.response)}`;
  if (isTraefiksNotFound(through.response))
    return fail(`Traefik has no route for ${asked}: it answers its own 404 (${events.length} looks)`, { expected, observed });
  if (!within.response)
    return fail(`${route.role} itself does not answer at ${own.target}: ${errorWords(within.error)}; clients get ${observed}`, {
      expected,
      observed,
    });
  const [theirs, ours] = [through, within].map(({ response }) => markOf(route.role, response));
  return theirs === ours
    ? pass(`${asked} answers as ${route.role} itself does: status ${through.response.status}`, { expected, observed })
    : fail(`${asked} answers ${show(theirs)}, ${route.role} itself ${show(ours)}`, {
        expected: `${expected}: ${show(ours)}`,
        observed: show(theirs),
      });
}

const nobody = observation("layer1/no-route", {
  tier: "layer1",
  needs: ["traefik", "forward-auth", "route:forward-auth"],
  effect: "observe",
  async collect({ target, from, poll }) {
    // Once forward-auth's host is known, Traefik has read the services: a router that takes too much is there, too.
    const known = clientUrl(target, "forward-auth", "/login?rule=SprocketAdmin");
    await poll(discovery, async () => hasRoute(await from.public.http("known", { url: known, tls: { insecure: true } })));
    const host = `nobody.${target.domain}`;
    await from.public.http("over TLS", { url: `https://${host}/`, tls: { insecure: true } });
    await from.public.http("plain", { url: `http://${host}/` });
    // R-1 of the facts sheet: an address is no host name.
    await from.public.http("by another Host", {
      url: `https://${target.domain}/`,
      headers: { host: "localhost" },
      tls: { insecure: true },
    });
  },
});

check("layer1/no-route", nobody, { title: "a host without a route is nobody's", service: "traefik" }, (seen) =>
  each([seen.sample("over TLS"), seen.sample("plain"), seen.sample("by another Host")], (event) => event.label, isTraefiks404),
);

const plain = observation("layer1/plain-http", {
  tier: "platform",
  needs: [
    "traefik",
    "forward-auth",
    "rabbitmq",
    "core",
    "web",
    "route:forward-auth",
    "route:rabbitmq",
    "route:core",
    "route:web",
  ],
  effect: "observe",
  async collect({ target, from, poll }) {
    for (const { role, ask } of clientQuestions) {
      if (!target.cameUp(role) || !target.clientRoute(role).tls) continue;
      const rest = `://${target.clientRoute(role).host}${ask.path}`;
      await poll(discovery, async () =>
        hasRoute(await from.public.http("known", { url: `https${rest}`, tls: { insecure: true } })),
      );
      await from.public.http("plain", { url: `http${rest}` });
    }
  },
});

check("layer1/plain-http", plain, { title: "what is served over TLS is not served in the clear", service: "traefik" }, (seen) => {
  const events = seen.samples("plain");
  const judged = each(events, (event) => event.target, notInTheClear);
  const lost = events.filter((event) => isTraefiksNotFound(responseOf(event.sample)));
  if (lost.length === 0) return judged;
  return all([
    judged,
    {
      ...judged,
      findings: [
        {
          rule: "traefik/no-https-redirect",
          place: "traefik",
          what: `plain HTTP to ${lost.length} of ${events.length} hosts is answered with 404; the documents say it is redirected to HTTPS`,
          cure: "Give the entry point `web` the redirection that was deleted on 2025-09-19, or correct the documents.",
        },
      ],
    },
  ]);
});

/** Today's 404, or the redirect to HTTPS that the documents promise (facts sheet, section 0.3, number 7). */
function notInTheClear(event: EventOf<"sample">): Judgement {
  const expected = "404, or a redirect to the same host over HTTPS";
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { response, error } = httpOf(event);
  if (!response) return fail(`no answer: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const observed = `status: ${response.status}${toward(response)}`;
  const asked = new URL(event.target.replace(/^\w+ /, ""));
  const location = header(response, "location");
  const redirected = response.status >= 300 && response.status < 400 && location?.startsWith(`https://${asked.host}/`) === true;
  return isTraefiksNotFound(response) || redirected
    ? pass(`not served in the clear: status ${response.status}`, { expected, observed })
    : fail(`served in the clear: status ${response.status}${toward(response)}`, { expected, observed });
}
