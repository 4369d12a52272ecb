import type { AccessRoute, DeployedRouter, ModeFact } from "../../history/access.ts";
import type { EventOf } from "../../history/events.ts";
import { header } from "../http.ts";
import { isDefaultCertificate } from "./certificate.ts";
import { type AccessEvidence, responseIn } from "./evidence.ts";
import type { AccessCell } from "./matrix.ts";
import { isTraefiksNotFound } from "./whose.ts";

/** One look that was not as it should be, and all that may explain it. */
export interface Met {
  evidence: AccessEvidence;
  route: AccessRoute;
  mode: ModeFact;
  cell: Omit<AccessCell, "faults">;
  event: EventOf<"sample"> | undefined;
}

/** A routing fault that Sprocket's documents or commits record (facts sheet, section 4.5), told from the others by what was seen. */
export interface RecordedFault {
  id: string;
  /** The cause in a few words. */
  title: string;
  cure: string;
  /** The cause as it was met, in one sentence; undefined when it does not explain what was seen. */
  explains: (met: Met) => string | undefined;
}

/** In the order of a search: what spoils everything first, then what leads elsewhere, then the rule itself; the first that explains is the cause. */
export const recordedFaults: readonly RecordedFault[] = [
  {
    id: "R-12",
    title: "Docker API version refused",
    cure: "Raise Traefik to 2.11.31 or newer, which speaks the engine's own version; until then DOCKER_MIN_API_VERSION of the engine.",
    explains: ({ evidence }) => {
      const words = evidence.engine?.bodyText ?? "";
      return (evidence.engine?.status ?? 0) >= 400 && /client version [\d.]+ is too old/i.test(words)
        ? `the engine refuses the API version that Traefik speaks, so nothing is discovered: ${words.slice(0, 120).trim()}`
        : undefined;
    },
  },
  {
    id: "R-11",
    title: "DNS leads to another server",
    cure: "Point the name's record at the entry point, or override it in the client's hosts file until it is.",
    explains: ({ mode, cell }) => {
      const answers = cell.details.answers;
      return cell.by === "name" && answers !== undefined && !answers.includes(mode.address)
        ? `${hostOf(cell)} resolves to ${answers.join(", ") || "nothing"} instead of the entry point's ${mode.address}`
        : undefined;
    },
  },
  {
    id: "R-5",
    title: "service off the ingress network",
    cure: "Attach the service to the entry point's network.",
    explains: ({ evidence, route, cell }) => {
      const mine = evidence.entry.deployed.filter((router) => router.service === route.service);
      const { network } = evidence.entry;
      return cell.met === "other" &&
        network !== undefined &&
        mine.length > 0 &&
        mine.every((router) => !router.networks.includes(network))
        ? `${route.service} is not a member of ${network}, where the entry point looks for it (it is in ${mine[0]?.networks.join(", ") || "none"})`
        : undefined;
    },
  },
  {
    id: "R-2",
    title: "duplicate router",
    cure: "Give each router a name of its own, and force-update or remove the service that has it by mistake.",
    explains: ({ evidence, route, cell }) => {
      if (cell.met === cell.expected.documented) return undefined;
      for (const { router, protocol } of rightRouters(evidence, route)) {
        const owners = evidence.entry.deployed.filter((one) => one.router === router && one.protocol === protocol);
        const services = [...new Set(owners.map((one) => one.service))];
        if (services.length > 1) return `the router ${router} is defined by ${services.join(" and ")}, so Traefik takes neither`;
      }
      return undefined;
    },
  },
  {
    id: "R-3",
    title: "host name differs between stacks",
    cure: "Set the same hostname in all three stacks.",
    explains: ({ evidence, route, cell }) => {
      if (cell.met === cell.expected.documented || rightRouters(evidence, route).length > 0) return undefined;
      const { domain } = evidence.entry;
      const prefix = route.label === "" ? "" : `${route.label}.`;
      for (const router of mineOf(evidence, route)) {
        const other = router.hosts
          .map((host) => host.toLowerCase())
          .find((host) => host.startsWith(prefix) && !under(host, domain));
        if (other !== undefined && !isLocal(other))
          return `the router ${router.router} is for ${other}, the other stacks are for ${domain}`;
      }
      return undefined;
    },
  },
  {
    id: "R-8",
    title: "forward-auth on another domain",
    cure: "Derive forward-auth's host, callback and cookie domain from the hostname of the stack.",
    explains: ({ evidence, route, event }) => {
      if (route.forwardAuth === undefined) return undefined;
      const { domain } = evidence.entry;
      const asked = hostIn(route.forwardAuth);
      if (asked !== undefined && !under(asked, domain))
        return `${route.host} asks ${asked} who may in, which is not under ${domain}`;
      const response = responseIn(event);
      const location = response && header(response, "location");
      const back =
        location && URL.canParse(location) ? hostIn(new URL(location).searchParams.get("redirect_uri") ?? "") : undefined;
      return back !== undefined && !under(back, domain)
        ? `strangers at ${route.host} come back to ${back}, which is not under ${domain}`
        : undefined;
    },
  },
  {
    id: "R-9",
    title: "HTTP-only host behind a redirect",
    cure: "Give the host TLS, or take it out of the redirect of the entry point.",
    explains: ({ route, event, cell }) => {
      const response = responseIn(event);
      const location = response && header(response, "location");
      return !route.tls &&
        (response?.status ?? 0) >= 300 &&
        (response?.status ?? 0) < 400 &&
        location?.startsWith(`https://${hostOf(cell)}`)
        ? `${route.host} is served over plain HTTP only, and the entry point sends everybody to HTTPS, where it has no route`
        : undefined;
    },
  },
  {
    id: "R-10",
    title: "asked over the wrong scheme",
    cure: "Use one scheme in the router's labels and in the addresses that scripts and other stacks are told.",
    explains: ({ evidence, route, cell }) => {
      if (cell.met !== "not-found" || cell.by !== "name") return undefined;
      const other = responseIn(evidence.otherScheme(route));
      if (!other || isTraefiksNotFound(other)) return undefined;
      const [wrong, right] = route.tls ? ["HTTPS", "HTTP"] : ["HTTP", "HTTPS"];
      return `clients ask ${route.host} over ${wrong}, its router answers over ${right} (status ${other.status})`;
    },
  },
  {
    id: "R-4",
    title: "discovery delay",
    cure: "Wait for Traefik's next look at Swarm (every 15 s by default), or force-update Traefik.",
    explains: ({ evidence, route, cell }) => {
      if (cell.met !== "not-found" || cell.by !== "name" || !evidence.routers) return undefined;
      const missing = rightRouters(evidence, route).find(
        ({ router }) => !evidence.routers?.some(({ name }) => name.replace(/@\w+$/, "") === router),
      );
      return missing
        ? `${route.service} runs and its router ${missing.router} is right, but Traefik has not read it yet`
        : undefined;
    },
  },
  {
    id: "R-7",
    title: "a private address in the rule spoils the certificate",
    cure: "Keep addresses out of the rule of a router that orders certificates: give them a router of their own without a resolver.",
    explains: ({ evidence, route, cell, event }) => {
      if (cell.by !== "name" || !event?.sample.tls || !isDefaultCertificate(event.sample.tls)) return undefined;
      const literals = Object.values(evidence.entry.literals).flat();
      const spoiled = rightRouters(evidence, route).find((router) => router.hosts.some((host) => literals.includes(host)));
      return spoiled
        ? `the rule of ${spoiled.router} names ${spoiled.hosts.filter((host) => literals.includes(host)).join(", ")} beside ${route.host}: one order for all of them is refused, so ${route.host} keeps the default certificate`
        : undefined;
    },
  },
  {
    id: "R-6",
    title: "default certificate",
    cure: "See in Traefik's log why the order failed: the authority unreachable, a rate limit, or a name that does not lead to the node.",
    explains: ({ cell, route, event }) =>
      cell.by === "name" && event?.sample.tls && isDefaultCertificate(event.sample.tls)
        ? `Traefik has no certificate for ${route.host} and shows its default one`
        : undefined,
  },
  {
    id: "R-1",
    title: "host header mismatch",
    cure: "Name the host in a router's rule, or map the routes' own names to this address in the client's hosts file.",
    explains: ({ evidence, route, cell }) => {
      if (cell.met !== "not-found") return undefined;
      const rules = mineOf(evidence, route).map((router) => router.rule);
      return rules.length > 0 && rules.every((rule) => !rule.toLowerCase().includes(hostOf(cell)))
        ? `no rule of ${route.service} is for ${hostOf(cell)}: it has ${rules.join("; ")}`
        : undefined;
    },
  },
];

/** The recorded fault that explains a look, as an id; none when it is a new one. */
export function faultsOf(met: Met): string[] {
  const found = recordedFaults.find((fault) => fault.explains(met) !== undefined);
  return found ? [found.id] : [];
}

/** Routers of the route's service and protocol. */
function mineOf({ entry }: AccessEvidence, route: AccessRoute): DeployedRouter[] {
  return entry.deployed.filter((router) => router.service === route.service && router.protocol === route.protocol);
}

/** Those of them whose rule names the route's own host. */
function rightRouters(evidence: AccessEvidence, route: AccessRoute): DeployedRouter[] {
  return mineOf(evidence, route).filter((router) => router.hosts.some((host) => host.toLowerCase() === route.host));
}

function under(host: string, domain: string): boolean {
  return host === domain.toLowerCase() || host.endsWith(`.${domain.toLowerCase()}`);
}

function isLocal(host: string): boolean {
  return /(^|\.)localhost$/.test(host) || /^[\d.]+$/.test(host);
}

function hostIn(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

/** What the client typed as the host. */
function hostOf({ asked }: Pick<AccessCell, "asked">): string {
  return hostIn(asked) ?? asked.replace(/:\d+$/, "").toLowerCase();
}
