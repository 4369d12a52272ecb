import type { AccessRoute, DeployedRouter, ModeFact } from "../../history/access.ts";
import type { EventOf, Finding } from "../../history/events.ts";
import { header, responseOf } from "../http.ts";
import { isDefaultCertificate } from "./certificate.ts";
import type { AccessEvidence } from "./evidence.ts";
import type { AccessCell } from "./matrix.ts";
import { type RecordedFault, recordedFaults } from "./recorded-faults.ts";
import { isTraefiksNotFound } from "./whose.ts";

/** One look that was not as it should be, and all that may explain it. */
export interface Met {
  evidence: AccessEvidence;
  route: AccessRoute;
  mode: ModeFact;
  cell: Omit<AccessCell, "faults">;
  event: EventOf<"sample"> | undefined;
}

/** Tells a recorded fault from the others by what was seen. */
interface Explanation {
  id: string;
  /** The cause as it was met, in one sentence; undefined when it does not explain what was seen. */
  explains: (met: Met) => string | undefined;
}

/** In the order of a search: what spoils everything first, then what leads elsewhere, then the rule itself; the first that explains is the cause. */
const explanations: readonly Explanation[] = [
  {
    id: "R-12",
    explains: ({ evidence }) => {
      const words = evidence.engine?.bodyText ?? "";
      return (evidence.engine?.status ?? 0) >= 400 && /client version [\d.]+ is too old/i.test(words)
        ? `the engine refuses the API version that Traefik speaks, so nothing is discovered: ${words.slice(0, 120).trim()}`
        : undefined;
    },
  },
  {
    id: "R-11",
    explains: ({ mode, cell }) => {
      const answers = cell.details.answers;
      return cell.by === "name" && answers !== undefined && !answers.includes(mode.address)
        ? `${hostOf(cell)} resolves to ${answers.join(", ") || "nothing"} instead of the entry point's ${mode.address}`
        : undefined;
    },
  },
  {
    id: "R-5",
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
    explains: ({ evidence, route, event }) => {
      if (route.forwardAuth === undefined) return undefined;
      const { domain } = evidence.entry;
      const asked = hostIn(route.forwardAuth);
      if (asked !== undefined && !under(asked, domain))
        return `${route.host} asks ${asked} who may in, which is not under ${domain}`;
      const response = responseOf(event?.sample);
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
    explains: ({ route, event, cell }) => {
      const response = responseOf(event?.sample);
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
    explains: ({ evidence, route, cell }) => {
      if (cell.met !== "not-found" || cell.by !== "name") return undefined;
      const other = responseOf(evidence.otherScheme(route)?.sample);
      if (!other || isTraefiksNotFound(other)) return undefined;
      const [wrong, right] = route.tls ? ["HTTPS", "HTTP"] : ["HTTP", "HTTPS"];
      return `clients ask ${route.host} over ${wrong}, its router answers over ${right} (status ${other.status})`;
    },
  },
  {
    id: "R-4",
    explains: ({ evidence, route, cell }) => {
      // A TCP router that is missing shows as whatever answers in its place.
      const lost = cell.met === "not-found" || (route.protocol === "tcp" && cell.met === "other");
      if (!lost || cell.by !== "name" || !evidence.routers) return undefined;
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
    explains: ({ cell, route, event }) =>
      cell.by === "name" && event?.sample.tls && isDefaultCertificate(event.sample.tls)
        ? `Traefik has no certificate for ${route.host} and shows its default one`
        : undefined,
  },
  {
    id: "R-1",
    explains: ({ evidence, route, cell }) => {
      if (cell.met !== "not-found") return undefined;
      const rules = mineOf(evidence, route).map((router) => router.rule);
      return rules.length > 0 && rules.every((rule) => !rule.toLowerCase().includes(hostOf(cell)))
        ? `no rule of ${route.service} is for ${hostOf(cell)}: it has ${rules.join("; ")}`
        : undefined;
    },
  },
];

/** A recorded fault as it was met. */
export interface FaultMet extends RecordedFault {
  id: string;
  /** One sentence with the names and values met. */
  explanation: string;
}

/** The recorded fault (facts sheet, section 4.5) that explains a look; none when it is a new one. */
export function faultOf(met: Met): FaultMet | undefined {
  for (const { id, explains } of explanations) {
    const explanation = explains(met);
    const fault = recordedFaults[id];
    if (explanation !== undefined && fault) return { id, ...fault, explanation };
  }
  return undefined;
}

/** The same of a route in a mode, for a finding. */
export function faultFinding(place: string, { id, title, explanation, cure }: FaultMet): Finding {
  return { rule: `access/${id.toLowerCase()}`, place, what: `${id} ${title}: ${explanation}`, cure };
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
