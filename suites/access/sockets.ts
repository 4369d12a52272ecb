import { BlockList, isIP } from "node:net";
import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { fail, pass, unknown } from "../../src/check/expect.ts";
import type { Destination } from "../../src/engine/sockets/counted.ts";
import type { RunnerSockets } from "../../src/engine/sockets/runner.ts";
import type { AllowedNetworks, WatchedPlace } from "../../src/engine/sockets/watch.ts";
import type { Finding, HistoryEvent } from "../../src/history/events.ts";
import { observation } from "../../src/probe/observation.ts";

const seenAs = observation("access/sockets", {
  tier: "layer1",
  needs: [],
  effect: "observe",
  alone: true,
  last: true,
  async collect({ sockets, fact }) {
    const { networks, places, runner } = await sockets();
    fact("networks", networks);
    for (const place of places) fact("place", place);
    fact("runner", runner);
  },
});

check(
  "access/sockets",
  seenAs,
  { title: "nothing but loopback and the run's own networks is ever addressed", service: "engine" },
  judgeSockets,
);

const expected = "every address is loopback or lies in a network of the run";

function judgeSockets(seen: Seen): Judgement {
  const networks = seen.fact<AllowedNetworks>("networks");
  const places = seen.facts<WatchedPlace>("place");
  const runner = seen.fact<RunnerSockets>("runner");
  if (networks.run.length === 0) return unknown("no network of the run is known", { expected });
  if (places.length === 0) return unknown("no network namespace was watched", { expected });

  const outer = allowing([...networks.run.map((one) => one.subnet), ...networks.more]);
  const anywhere = allowing([...networks.run, ...networks.inner].map((one) => one.subnet).concat(networks.more));
  const allowedAt = (place: WatchedPlace) => (place.kind === "node" || place.toldInner ? anywhere : outer);

  const foreign: string[] = [];
  const findings: Finding[] = [];
  let destinations = 0;
  for (const place of places) {
    if (!place.watched) continue;
    destinations += place.own.length + place.passing.length;
    const strange = (one: Destination) => !allowedAt(place)(one.address);
    foreign.push(...place.own.filter(strange).map((one) => `${place.place} addressed ${inWords(one)}`));
    const asked = place.passing.filter(strange);
    if (place.wayOut) foreign.push(...asked.map((one) => `through ${place.place}, which has a way out, went ${inWords(one)}`));
    else findings.push(...asked.map((one) => reachesOut(one, place.tasks ?? {})));
  }
  const { engine } = runner;
  for (const { address, port, attempts } of runner.destinations)
    if (port !== undefined && address !== engine && !outer(address))
      foreign.push(`the runner connected to ${address}, port ${port}, ${times(attempts, "attempt")}`);
  for (const name of runner.names)
    if (name !== "localhost" && name !== engine) foreign.push(`the runner had the name ${name} looked up`);
  const samples = addressesOf(seen.history);
  for (const { from, address } of samples) if (!anywhere(address)) foreign.push(`${from} addressed ${address}`);

  const told = findings.length > 0 ? { findings } : {};
  const [first] = foreign;
  if (first !== undefined)
    return fail(`${first}${foreign.length > 1 ? ` (and ${foreign.length - 1} more)` : ""}`, {
      expected,
      observed: `${foreign.length} foreign: ${foreign.slice(0, 10).join("; ")}`,
      ...told,
    });
  const blind = places.find((place) => !place.watched);
  if (blind && !blind.watched) return unknown(`${blind.place} was not watched: ${blind.why}`, { expected, ...told });
  const observed = `${times(destinations, "destination")} in ${times(places.length, "namespace")}, ${runner.destinations.length} of the runner, ${samples.length} in samples, none foreign`;
  return pass(observed, { expected, observed, ...told });
}

/** Whether an address may be addressed: loopback, the subnets given, what never leaves a link, and groups and broadcasts on it. */
function allowing(subnets: string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const subnet of [...subnets, "127.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "::1/128", "fe80::/10", "ff00::/8"]) {
    const [address = "", bits] = subnet.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? "ipv6" : "ipv4");
  }
  return (address) => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** A candidate's own wish to leave its node is no fault of the harness: its node has no way out, so nothing was addressed. */
function reachesOut(one: Destination, tasks: Record<string, string>): Finding {
  const services = [...new Set(one.from.map((from) => tasks[from] ?? `a task at ${from}, gone since`))];
  return {
    rule: "access/reaches-out",
    place: services.join(", "),
    what: `asks for ${inWords(one)}, outside the run's networks; its node has no way out, so it got none`,
    cure: "Turn off what asks for it (telemetry, update checks), or give the replica a party that answers there.",
  };
}

/** What every single probe addressed (of dense series the packets are counted, and no more): its peer, those that did not take the connection, and the server that it asked for the name. */
function addressesOf(history: readonly HistoryEvent[]): { from: string; address: string }[] {
  return history.flatMap((event) => {
    if (event.type !== "sample") return [];
    const { peer, resolved } = event.sample;
    const asked = [peer, resolved?.server, ...(resolved?.failed ?? []).map((one) => one.peer)];
    const from = `${event.observation} from ${event.vantage}`;
    return asked.flatMap((one) => {
      const address = one === undefined ? "" : one.replace(/^\[?([^\]]*?)\]?(:\d+)?$/, "$1");
      // A file, a Unix socket or a rule was asked instead of an address.
      return isIP(address) === 0 ? [] : [{ from, address }];
    });
  });
}

function inWords({ address, protocol, port, packets }: Destination): string {
  return `${address}, ${protocol}${port === undefined ? "" : ` port ${port}`}, ${times(packets, "packet")}`;
}

function times(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
