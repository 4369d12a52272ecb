import type { Finding } from "../../history/events.ts";
import type { Candidate, CandidateService } from "../types.ts";
import { found, list, placeOf, type StaticRule } from "./rule.ts";
import { longest, textsOf } from "./text.ts";
import { hostsOf, type LabelledRouter, routersOf } from "./traefik-labels.ts";

interface Routed {
  service: CandidateService;
  router: LabelledRouter;
  hosts: string[];
}

/**
 * Every stack has a setting of its own for the domain, so they can differ: a router then waits for a name that nobody asks for, or a service sends people to
 * one that nobody serves. Said of three things: a rule without any host under the domain, a stack whose routers all stand under one deeper name, and an
 * address in a setting that is a routed name under another domain.
 */
export const hostDiffers: StaticRule = {
  id: "static/host-differs",
  title: "Host name differs between stacks",
  cure: "Set the same `hostname` in every stack, and build every address from it.",
  find(candidate) {
    const routed = candidate.services.flatMap((service) =>
      routersOf(service).flatMap((router): Routed[] => {
        const hosts = hostsOf(router).map((host) => host.toLowerCase());
        return hosts.some((host) => !isAddress(host)) ? [{ service, router, hosts }] : [];
      }),
    );
    const domain = candidate.domain.toLowerCase();
    const elsewhere = routed.filter(({ hosts }) => hosts.every((host) => isAddress(host) || !under(host, domain)));
    const stray = new Set(elsewhere);
    const at = routed.filter((one) => !stray.has(one));
    const others = [...new Set(at.map(({ service }) => service.stack))];
    // Without one rule under the domain there is nothing that these could differ from.
    const ofRules =
      at.length === 0
        ? []
        : elsewhere.map(({ service, router, hosts }) =>
            found(
              hostDiffers,
              placeOf("service", service),
              `Router ${router.name} of stack ${service.stack} waits for ${list(hosts)}, while the routers of ${list(others)} stand under ${domain}.`,
            ),
          );
    return [...ofRules, ...deeper(at, domain), ...settings(candidate, routed, domain)];
  },
};

/** Stacks with several routers, all of them under one name below the domain, while another stack's stand at the domain itself. */
function deeper(routed: readonly Routed[], domain: string): Finding[] {
  const stacks = Map.groupBy(routed, ({ service }) => service.stack);
  const bases = new Map<string, string>();
  for (const [stack, mine] of stacks) {
    const hosts = new Set(mine.flatMap((one) => one.hosts).filter((host) => !isAddress(host) && under(host, domain)));
    // One name does not tell where the stack's domain begins.
    if (hosts.size > 1) bases.set(stack, commonEnd([...hosts]));
  }
  const atDomain = [...bases].filter(([, base]) => base === domain).map(([stack]) => stack);
  if (atDomain.length === 0) return [];
  return [...bases]
    .filter(([, base]) => base !== domain)
    .map(([stack, base]) => {
      const { service } = (stacks.get(stack) as Routed[])[0] as Routed;
      return found(
        hostDiffers,
        placeOf("service", service),
        `Every router of stack ${stack} stands under ${base}, while those of ${list(atDomain)} stand under ${domain}.`,
      );
    });
}

/** Addresses that name a routed service (`api.`, `fa.`) under another domain: a deeper or higher one, localhost, or one that some rule uses. */
function settings(candidate: Candidate, routed: readonly Routed[], domain: string): Finding[] {
  const hosts = new Set(routed.flatMap((one) => one.hosts));
  const first = new Set([...hosts].filter((host) => under(host, domain) && host !== domain).map((host) => host.split(".")[0]));
  const foreign = [...hosts].filter((host) => !isAddress(host) && !under(host, domain));
  const wrong = (host: string) => {
    if (hosts.has(host)) return false;
    const [label = "", ...rest] = host.split(".");
    const base = rest.join(".");
    if (!first.has(label) || base === "" || base === domain) return false;
    return base === "localhost" || under(base, domain) || under(domain, base, 2) || foreign.some((one) => under(one, base, 2));
  };
  const say = (place: string, where: string, text: string): Finding[] =>
    [
      ...new Set(
        [...text.slice(0, longest).matchAll(/\bhttps?:\/\/([a-z0-9.-]{1,255})/gi)].map((met) => (met[1] ?? "").toLowerCase()),
      ),
    ]
      .filter(wrong)
      .map((host) =>
        found(hostDiffers, place, `${where} names ${host}, which no router serves; ${host.split(".")[0]}.${domain} is routed.`),
      );
  return [
    ...candidate.services.flatMap((service) =>
      textsOf(service)
        .filter(({ where }) => !where.endsWith(".rule"))
        .flatMap(({ where, text }) => say(placeOf("service", service), sentence(where), text)),
    ),
    ...candidate.configs.flatMap((config) => say(placeOf("config", config), `Config ${config.name}`, config.content)),
  ];
}

function sentence(words: string): string {
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
}

/** Whether a host is a domain or stands below it; `least` labels of the domain keep a bare "example" from covering everything. */
function under(host: string, domain: string, least = 1): boolean {
  return domain.split(".").length >= least && (host === domain || host.endsWith(`.${domain}`));
}

/** Rules may name addresses for access by LAN or tailnet; those belong to no domain. */
function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}

function commonEnd(hosts: readonly string[]): string {
  const [first = [], ...others] = hosts.map((host) => host.split(".").toReversed());
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < Math.min(length, other.length) && first[same] === other[same]) same += 1;
    length = same;
  }
  return first.slice(0, length).toReversed().join(".");
}
