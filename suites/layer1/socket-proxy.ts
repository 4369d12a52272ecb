import { check, type Judgement } from "../../src/check/check.ts";
import { all, each, fail, pass, show, unknown } from "../../src/check/expect.ts";
import { errorWords, httpOf, notLooked, responseOf } from "../../src/check/http.ts";
import { statusIs } from "../../src/check/status.ts";
import type { EventOf } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";

const socket = "/var/run/docker.sock";
const port = 2375;

/** What Sprocket's allow-list grants (facts sheet, section 1.2). The events are of a second long ago, so that the stream ends. */
const granted = [
  "/_ping",
  "/version",
  "/containers/json",
  "/services",
  "/tasks",
  "/nodes",
  "/networks",
  "/swarm",
  "/events?since=1&until=2",
];

/** What it does not grant, and an engine would tell to anybody who asks. */
const hidden = [
  "/secrets",
  "/configs",
  "/images/json",
  "/volumes",
  "/info",
  "/exec/0/json",
  "/system/df",
  "/plugins",
  "/v1.41/secrets",
];

/**
 * Requests that change something. Every one is such that an engine which gets it refuses it (no such thing, no name, no version), so that a proxy which lets it
 * through shows itself without harm.
 */
const writes: readonly { method: string; path: string; body?: string }[] = [
  { method: "POST", path: "/containers/create", body: '{"Image":"sprocket-resilience/no-such-image"}' },
  { method: "POST", path: "/containers/no-such-container/exec", body: '{"Cmd":["true"]}' },
  { method: "POST", path: "/containers/no-such-container/kill" },
  { method: "DELETE", path: "/containers/no-such-container" },
  { method: "POST", path: "/services/create", body: "{}" },
  { method: "POST", path: "/services/no-such-service/update?version=1", body: "{}" },
  { method: "DELETE", path: "/services/no-such-service" },
  { method: "POST", path: "/swarm/update", body: "{}" },
  { method: "POST", path: "/nodes/no-such-node/update?version=1", body: "{}" },
  { method: "POST", path: "/networks/no-such-network/connect", body: "{}" },
  { method: "POST", path: "/secrets/create", body: "{}" },
  { method: "POST", path: "/exec/no-such-exec/start", body: "{}" },
  { method: "POST", path: "/commit?container=no-such-container", body: "{}" },
  { method: "POST", path: "/v1.41/services/create", body: "{}" },
];

const reads = observation("layer1/socket-proxy", {
  tier: "layer1",
  needs: ["traefik", "socket-proxy"],
  effect: "observe",
  async collect({ target, from }) {
    const traefik = await from.inside("traefik");
    const proxy = `http://${target.service("socket-proxy").name}:${port}`;
    const large = { maxBodyBytes: 1 << 20 };
    for (const path of granted) {
      // Before and after, since tasks come and go while the next tier starts.
      await from.localhost.http(`engine ${path}`, { url: `http://engine${path}`, socketPath: socket, ...large });
      await traefik.http(`proxy ${path}`, { url: `${proxy}${path}`, ...large });
      await from.localhost.http(`engine ${path}`, { url: `http://engine${path}`, socketPath: socket, ...large });
    }
    for (const path of hidden) await traefik.http("hidden", { url: `${proxy}${path}`, maxBodyBytes: 200 });
  },
});

check(
  "layer1/socket-proxy-grants",
  reads,
  { title: "Traefik reads through the socket proxy what the engine itself says", service: "socket-proxy" },
  (seen) =>
    each(
      granted,
      (path) => `GET ${path}`,
      (path) => answersAsEngine(seen.sample(`proxy ${path}`), seen.samples(`engine ${path}`)),
    ),
);

/** Same status; same content where it stands still; of a list, all that was there all the while and nothing that never was. */
function answersAsEngine(proxied: EventOf<"sample">, engine: EventOf<"sample">[]): Judgement {
  const mine = notLooked(proxied);
  if (mine) return mine;
  const answers = engine.map((event) => responseOf(event.sample)).filter((response) => response !== undefined);
  const [before, after] = answers;
  if (!before || !after) return unknown("the engine itself was not asked, or did not answer");
  const { response, error } = httpOf(proxied);
  if (!response) return fail(`no answer through the proxy: ${errorWords(error)}`, { observed: errorWords(error) });
  const expected = `status ${before.status}, as the engine itself answers`;
  if (response.status === 403)
    return fail("the proxy refuses what Traefik needs: status 403", { expected, observed: "status: 403" });
  if (response.status !== before.status)
    return fail(`status ${response.status}, the engine itself answers ${before.status}`, {
      expected,
      observed: `status: ${response.status}`,
    });
  const [low, met, high] = [before, response, after].map(({ bodyText }) => idsOf(bodyText ?? ""));
  if (!low || !met || !high) {
    return [before.bodyText, after.bodyText].includes(response.bodyText)
      ? pass(`the engine's own answer, status ${response.status}`, { expected, observed: `status: ${response.status}` })
      : fail(`another answer than the engine's own: ${show(response.bodyText)}`, { expected, observed: show(response.bodyText) });
  }
  const missing = low.filter((id) => high.includes(id) && !met.includes(id));
  const strange = met.filter((id) => !low.includes(id) && !high.includes(id));
  const observed = `status: ${response.status}, ${met.length} of ${low.length} to ${high.length} entries`;
  return missing.length + strange.length === 0
    ? pass(`the engine's own ${met.length} entries`, { expected, observed })
    : fail(`${missing.length} entries of the engine are missing and ${strange.length} are not its own`, { expected, observed });
}

/** The ids of a list or of one object of the engine; nothing for what has none. */
function idsOf(text: string): string[] | undefined {
  try {
    const body = JSON.parse(text) as { ID?: string; Id?: string } | { ID?: string; Id?: string }[];
    const ids = [body].flat().map((one) => one.ID ?? one.Id);
    return ids.every((id) => id !== undefined) ? (ids as string[]) : undefined;
  } catch {
    return undefined;
  }
}

check(
  "layer1/socket-proxy-hides",
  reads,
  { title: "the socket proxy gives nobody secrets, configs, images, volumes or the engine's settings", service: "socket-proxy" },
  (seen) => each(seen.samples("hidden"), pathOf, (event) => statusIs(event, 403)),
);

const posts = observation("layer1/socket-proxy-writes", {
  tier: "layer1",
  needs: ["traefik", "socket-proxy"],
  effect: "write",
  async collect({ target, from }) {
    const traefik = await from.inside("traefik");
    const proxy = `http://${target.service("socket-proxy").name}:${port}`;
    for (const { method, path, body } of writes) {
      await traefik.request("write", {
        url: `${proxy}${path}`,
        method,
        maxBodyBytes: 200,
        ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body }),
      });
    }
  },
});

check(
  "layer1/socket-proxy-refuses-writes",
  posts,
  { title: "nothing can be changed through the socket proxy", service: "socket-proxy" },
  (seen) => each(seen.samples("write"), pathOf, (event) => statusIs(event, 403)),
);

/** "POST /services/create" */
function pathOf(event: EventOf<"sample">): string {
  return event.target.replace(/http:\/\/[^/]+/, "");
}

const strangers = ["forward-auth", "vault"] as const;

const alone = observation("layer1/socket-proxy-network", {
  tier: "layer1",
  needs: ["socket-proxy", "traefik", ...strangers],
  effect: "observe",
  async collect({ target, from }) {
    const { name } = target.service("socket-proxy");
    const { addresses } = await from.inside("socket-proxy");
    for (const role of strangers) {
      const inside = await from.inside(role);
      await inside.dns("name", { name });
      for (const host of addresses.values())
        await inside.tcp("address", { host, port, timeouts: { connectMs: 1500, totalMs: 1500 } });
    }
    const traefik = await from.inside("traefik");
    await traefik.tcp("traefik", { host: name, port });
  },
});

check("layer1/socket-proxy-alone", alone, { title: "only Traefik can reach the socket proxy", service: "socket-proxy" }, (seen) =>
  all([
    each(
      [...seen.samples("name"), ...seen.samples("address")],
      (event) => `from ${event.vantage.replace("inside:", "")}`,
      isCutOff,
    ),
    // A client that may reach it shows that the address and the port are right.
    reaches(seen.sample("traefik")),
  ]),
);

function isCutOff(event: EventOf<"sample">): Judgement {
  const mine = notLooked(event);
  if (mine) return mine;
  const { sample } = event;
  const expected = "neither the name nor the address of the socket proxy is known there";
  if (sample.probe === "dns") {
    const addresses = sample.response?.answers.map((answer) => answer.data) ?? [];
    return addresses.length === 0
      ? pass("the name is not known there", { expected, observed: sample.response?.rcode ?? sample.error?.kind ?? "no answer" })
      : fail(`the socket proxy's name resolves there, to ${addresses.join(", ")}`, { expected, observed: addresses.join(", ") });
  }
  return sample.error
    ? pass("the address cannot be reached from there", { expected, observed: errorWords(sample.error) })
    : fail(`a connection to the socket proxy is accepted from ${sample.source}`, {
        expected,
        observed: `connected from ${sample.source}`,
      });
}

function reaches(event: EventOf<"sample">): Judgement {
  const mine = notLooked(event);
  if (mine) return mine;
  const { error, peer } = event.sample;
  return error ? fail(`Traefik itself cannot reach it: ${errorWords(error)}`) : pass(`Traefik reaches it at ${peer}`);
}
