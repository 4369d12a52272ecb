import type { Sample } from "../history/sample.ts";
import type { HistoryWriter } from "../history/writer.ts";
import { isReady } from "../replica/ready.ts";
import type { Replica } from "../replica/up.ts";
import { routedHosts } from "./selection.ts";

const settleMs = 60_000;
/** Traefik asks Swarm for its services every 15 s; a route that it does not know after two looks is one that it will not know. */
const discoveryMs = 35_000;

/** Hosts that the entry point did not know when a replica was first steady: no loss of what came after, so each is judged by its own checks and waited for no more. */
const neverKnown = new WeakMap<Replica, ReadonlySet<string>>();

/**
 * Waits until every service that came up answers by its protocol again, and every routed host that was known before is known to the entry point; bounded by a minute.
 * @returns undefined when steady, else what is missing
 */
export async function proveSteady(replica: Replica, history: HistoryWriter, signal: AbortSignal): Promise<string | undefined> {
  history.append({ type: "phase", phase: "steady", state: "started" });
  const start = performance.now();
  let trouble: string | undefined = "not looked at yet";
  let alive = Number.POSITIVE_INFINITY;
  while (trouble && !signal.aborted) {
    trouble = await deadService(replica);
    const unknown = trouble ? [] : await unknownRoutes(replica);
    alive = trouble ? Number.POSITIVE_INFINITY : Math.min(alive, performance.now());
    if (unknown.length > 0 && !neverKnown.has(replica) && performance.now() - alive >= discoveryMs) {
      neverKnown.set(replica, new Set(unknown));
      history.append({ type: "log", level: "warning", text: `the entry point knows no route for ${unknown.join(", ")}` });
    } else if (unknown.length > 0) trouble = `no route yet for ${unknown.join(", ")}`;
    if (trouble && performance.now() - start >= settleMs) break;
    if (trouble) await new Promise((resolve) => setTimeout(resolve, 250));
  }
  if (!neverKnown.has(replica)) neverKnown.set(replica, new Set());
  history.append({ type: "phase", phase: "steady", state: "ended", ...(trouble ? { detail: trouble } : {}) });
  return trouble;
}

async function deadService(replica: Replica): Promise<string | undefined> {
  const looks = await Promise.all([...replica.ready].map(async (name) => ({ name, met: await isReady(replica, name) })));
  const dead = looks.filter(({ met }) => met !== undefined);
  return dead.length === 0 ? undefined : dead.map(({ name, met }) => `${name} (${met})`).join(", ");
}

/** Traefik answers 404 for a host that it does not know yet; any other answer is the service's own. */
async function unknownRoutes(replica: Replica): Promise<string[]> {
  if (!replica.plan.services.some((service) => service.candidate.role === "traefik" && replica.ready.has(service.candidate.name)))
    return [];
  const vantage = replica.vantages.get("public");
  if (!vantage) return [];
  const hosts = routedHosts(replica.plan).filter(
    ({ service, host }) => replica.ready.has(service) && !neverKnown.get(replica)?.has(host),
  );
  const looks = await Promise.all(
    hosts.map(async ({ host, tls }) => {
      const sample = await vantage.agent.probe<"http">(
        {},
        {
          kind: "http",
          url: `${tls ? "https" : "http"}://${host}/`,
          method: "HEAD",
          ...(vantage.resolver ? { resolve: { server: vantage.resolver } } : {}),
          tls: { insecure: true },
          timeouts: { totalMs: 3000 },
        },
      );
      return { host, unknown: isUnknownRoute(sample) };
    }),
  );
  return looks.filter((look) => look.unknown).map((look) => look.host);
}

/** Traefik's own 404 has exactly this length and type; a service's 404 (the API has one at `/`) carries another. */
function isUnknownRoute(sample: Sample<"http">): boolean {
  if (sample.error || !sample.response) return true;
  const { status, headers } = sample.response;
  return (
    status === 404 && headers?.["content-length"]?.[0] === "19" && (headers["content-type"]?.[0] ?? "").startsWith("text/plain")
  );
}
