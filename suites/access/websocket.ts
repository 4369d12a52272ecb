import { field } from "../../src/check/access/whose.ts";
import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { all, fail, named, pass } from "../../src/check/expect.ts";
import { errorWords, httpOf, notLooked } from "../../src/check/http.ts";
import { type AccessMode, accessModes } from "../../src/history/access.ts";
import { observation } from "../../src/probe/observation.ts";
import { hasRoute } from "../layer1/clients.ts";
import { discovery } from "../layer1/routes.ts";

/** The protocol of GraphQL subscriptions that Sprocket's API speaks. */
const protocol = "graphql-transport-ws";

const talk = (mode: AccessMode) => `${mode}: talk`;

const upgraded = observation("access/websocket", {
  tier: "platform",
  needs: ["traefik", "core", "route:core"],
  effect: "observe",
  async collect({ target, from, poll }) {
    const { host, tls } = target.clientRoute("core");
    const url = `${tls ? "https" : "http"}://${host}/graphql`;
    await poll(discovery, async () =>
      hasRoute(await from.public.graphql("known", { url, tls: { insecure: true }, query: "{ __typename }" })),
    );
    await Promise.all(
      accessModes.map(async (mode) =>
        from.mode(mode)?.http(talk(mode), {
          url,
          tls: { insecure: true },
          webSocket: {
            protocols: [protocol],
            send: [
              JSON.stringify({ type: "connection_init" }),
              JSON.stringify({ id: "1", type: "subscribe", payload: { query: "{ __typename }" } }),
            ],
            receive: 2,
          },
        }),
      ),
    );
  },
});

check(
  "access/websocket",
  upgraded,
  { title: "in each mode the API is spoken to over WebSocket through the entry point", service: "core" },
  (seen) => {
    const looked = accessModes.filter((mode) => seen.samples().some(({ label }) => label === talk(mode)));
    return all(looked.map((mode) => named(mode, talks(seen, mode))));
  },
);

function talks(seen: Seen, mode: AccessMode): Judgement {
  const expected = `101, ${protocol}, an acknowledgement and an answer`;
  const event = seen.sample(talk(mode));
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { response, error } = httpOf(event);
  if (!response) return fail(`no answer: ${errorWords(error)}`, { expected, observed: errorWords(error) });
  const observed = `status ${response.status}, ${response.webSocket?.protocol ?? "no protocol"}, ${response.webSocket?.messages.length ?? 0} messages`;
  if (response.status !== 101) return fail(`not upgraded: status ${response.status}`, { expected, observed });
  if (error) return fail(`broken off after the upgrade: ${errorWords(error)}`, { expected, observed });
  const { protocol: chosen, messages = [] } = response.webSocket ?? {};
  if (chosen !== protocol) return fail(`the protocol is ${chosen ?? "none"}`, { expected, observed });
  const types = messages.map((message) => field(message, "type"));
  return types[0] === "connection_ack" && types[1] === "next" && messages[1]?.includes('"__typename":"Query"')
    ? pass("acknowledged and answered", { expected, observed })
    : fail(`what came back is ${types.join(", ") || "nothing"}`, { expected, observed });
}
