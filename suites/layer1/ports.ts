import { check, type Judgement } from "../../src/check/check.ts";
import { all, each, fail, pass } from "../../src/check/expect.ts";
import { errorWords, notLooked, responseOf } from "../../src/check/http.ts";
import type { EventOf } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";

const open = [80, 443];
/** Where the services of layer 1 listen inside: the socket proxy, forward-auth, Traefik's API, Vault (facts sheet, section 1.2). */
const inner = [2375, 3000, 8080, 8200];

const ports = observation("layer1/ports", {
  tier: "layer1",
  needs: ["traefik", "forward-auth"],
  effect: "observe",
  async collect({ target, from }) {
    const short = { connectMs: 2000, totalMs: 2000 };
    for (const port of open) await from.public.tcp("open", { host: target.domain, port, timeouts: short });
    for (const port of inner) await from.public.tcp("inner", { host: target.domain, port, timeouts: short });
    const neighbour = await from.inside("forward-auth");
    await neighbour.http("api", { url: `http://${target.service("traefik").name}:8080/api/http/routers`, maxBodyBytes: 200 });
  },
});

check("layer1/ports", ports, { title: "from outside layer 1 has two open ports, 80 and 443", service: "traefik" }, (seen) => {
  const judged = all([each(seen.samples("open"), portOf, isOpen), each(seen.samples("inner"), portOf, isShut)]);
  const api = responseOf(seen.sample("api").sample);
  if (api?.status !== 200) return judged;
  const findings = [
    {
      rule: "traefik/api-open-inside",
      place: "traefik",
      what: "Traefik's API on port 8080 answers 200 to any member of the ingress network, without authentication",
      cure: "Take `api.insecure` out of the static configuration; the dashboard's own router does not need it.",
    },
  ];
  return { ...judged, findings: [...(judged.findings ?? []), ...findings] };
});

function portOf(event: EventOf<"sample">): string {
  return `port ${event.target.split(":").at(-1)}`;
}

function isOpen(event: EventOf<"sample">): Judgement {
  const mine = notLooked(event);
  if (mine) return mine;
  const { error } = event.sample;
  return error
    ? fail(`not open: ${errorWords(error)}`, { expected: "open", observed: errorWords(error) })
    : pass("open", { expected: "open", observed: "open" });
}

function isShut(event: EventOf<"sample">): Judgement {
  const mine = notLooked(event);
  if (mine) return mine;
  const { error, peer } = event.sample;
  return error
    ? pass("shut", { expected: "shut", observed: errorWords(error) })
    : fail(`open to the public at ${peer}`, { expected: "shut", observed: `connected to ${peer}` });
}
