import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { all, fail, named, pass, unknown } from "../../src/check/expect.ts";
import { errorWords, header, httpOf, notLooked, responseOf } from "../../src/check/http.ts";
import { type AccessMode, accessModes } from "../../src/history/access.ts";
import type { EventOf } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";
import { hasRoute } from "../layer1/clients.ts";
import { discovery } from "../layer1/routes.ts";

const start = (mode: AccessMode) => `${mode}: start`;
const landing = (mode: AccessMode) => `${mode}: landing`;

const followed = observation("access/redirects", {
  tier: "platform",
  needs: ["traefik", "web", "route:web"],
  effect: "observe",
  async collect({ target, from, poll }) {
    const { host, tls } = target.clientRoute("web");
    const url = `${tls ? "https" : "http"}://${host}/`;
    await poll(discovery, async () => hasRoute(await from.public.http("known", { url, tls: { insecure: true } })));
    for (const mode of accessModes) {
      const place = from.mode(mode);
      if (!place) continue;
      const first = await place.http(start(mode), { url, tls: { insecure: true } });
      const location = first.response && header(first.response, "location");
      if (location !== undefined && URL.canParse(location, url))
        await place.http(landing(mode), { url: new URL(location, url).href, tls: { insecure: true } });
    }
  },
});

check(
  "access/redirects",
  followed,
  { title: "in each mode a client of the web page is sent to the login of the same host, and lands there", service: "web" },
  (seen) => {
    const looked = accessModes.filter((mode) => seen.samples().some(({ label }) => label === start(mode)));
    return all(looked.map((mode) => named(mode, lands(seen, mode))));
  },
);

function lands(seen: Seen, mode: AccessMode): Judgement {
  const expected = "a redirect to the same host, and a page there";
  const first = seen.sample(start(mode));
  const mine = notLooked(first);
  if (mine) return { ...mine, expected };
  const { response, error } = httpOf(first);
  if (!response) return fail(`no answer: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const location = header(response, "location");
  const from = asked(first);
  if (location === undefined)
    return fail(`status ${response.status} without a redirect`, { expected, observed: `status ${response.status}` });
  if (!URL.canParse(location, from)) return fail(`the redirect leads to no URL: ${location}`, { expected, observed: location });
  const to = new URL(location, from);
  if (to.origin !== new URL(from).origin)
    return fail(`the redirect leads away from ${new URL(from).origin} to ${to.origin}`, { expected, observed: to.href });
  const page = seen.samples().find(({ label }) => label === landing(mode));
  if (!page) return unknown("the redirect was not followed", { expected });
  const landed = responseOf(page.sample);
  if (!landed)
    return fail(`nothing answers at ${to.pathname}`, {
      expected,
      observed: page.sample.error ? errorWords(page.sample.error) : "",
    });
  return landed.status === 200
    ? pass(`${to.pathname} answers 200`, { expected, observed: `${to.pathname}: 200` })
    : fail(`${to.pathname} answers ${landed.status}`, { expected, observed: `${to.pathname}: ${landed.status}` });
}

function asked({ target }: EventOf<"sample">): string {
  return target.replace(/^\w+ /, "");
}
