import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { fail, pass, unknown } from "../../src/check/expect.ts";
import type { EventOf } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";

const seenAs = observation("layer1/vantages", {
  tier: "layer1",
  needs: ["traefik", "forward-auth"],
  effect: "observe",
  async collect({ target, from }) {
    await from.public.tcp("from outside", { host: target.domain, port: 443 });
    await from.localhost.tcp("on the node", { host: "127.0.0.1", port: 80 });
    const inside = await from.inside("traefik");
    await inside.tcp("inside", { host: target.service("forward-auth").name, port: 3000 });
  },
});

check(
  "layer1/vantages",
  seenAs,
  { title: "each probe of the run came from its vantage's own network", service: "traefik" },
  (seen) => {
    for (const label of ["from outside", "on the node", "inside"]) {
      const event = seen.sample(label);
      if (!event.sample.source) return unknown(`the probe ${label} was not connected, so its source is not known`);
    }
    return sourcesOf(seen);
  },
);

interface Net {
  vantage: string;
  base: number;
  bits: number;
}

/** A source belongs to the vantage with the narrowest network around it: the node's own address lies in the public network, too, and is not a client's. */
function sourcesOf({ history }: Seen): Judgement {
  const nets: Net[] = [];
  let judged = 0;
  const strange = new Set<string>();
  for (const event of history) {
    if (event.type === "vantage") nets.push(...event.subnets.flatMap((subnet) => netOf(event.name, subnet) ?? []));
    if (event.type !== "sample") continue;
    const source = addressOf(event);
    if (source === undefined) continue;
    judged += 1;
    const around = nets.filter((net) => within(net, source));
    const narrowest = Math.max(...around.map((net) => net.bits));
    if (around.some((net) => net.bits === narrowest && net.vantage === event.vantage)) continue;
    const owner = around.find((net) => net.bits === narrowest)?.vantage;
    strange.add(
      `${event.observation} from ${event.vantage} came from ${event.sample.source}, ${owner ? `an address of ${owner}` : "an address of no vantage"}`,
    );
  }
  const expected = "every source lies in the network of its vantage";
  if (judged === 0) return unknown("no probe recorded its source address", { expected });
  if (strange.size === 0)
    return pass(`${judged} probes came from where they say`, { expected, observed: `${judged} probes, none strange` });
  const [first] = strange;
  return fail(`${first}${strange.size > 1 ? ` (and ${strange.size - 1} more)` : ""}`, {
    expected,
    observed: `${strange.size} strange sources`,
  });
}

/** The IPv4 address of our end as a number; nothing when there was no socket of that kind. */
function addressOf({ sample }: EventOf<"sample">): number | undefined {
  return numberOf(sample.source?.replace(/:\d+$/, "") ?? "");
}

function netOf(vantage: string, subnet: string): Net | undefined {
  const [address = "", bits = "32"] = subnet.split("/");
  const base = numberOf(address);
  return base === undefined ? undefined : { vantage, base, bits: Number(bits) };
}

function numberOf(address: string): number | undefined {
  const parts = address.split(".").map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) return undefined;
  return parts.reduce((number, part) => number * 256 + part, 0);
}

function within({ base, bits }: Net, address: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(base / size) === Math.floor(address / size);
}
