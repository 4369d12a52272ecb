import { isDefaultCertificate } from "../check/access/certificate.ts";
import { isTraefiksNotFound } from "../check/access/whose.ts";
import type { HistoryWriter } from "../history/writer.ts";
import { isReady } from "../replica/ready.ts";
import type { Replica } from "../replica/up.ts";
import { routedHosts } from "./selection.ts";

const settleMs = 60_000;
/** What is there may go while something else is waited for. */
const wholeEveryMs = 2_000;
/** Traefik asks Swarm for its services every 15 s; a route that it does not know after two looks is one that it will not know, and so with its certificate. */
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
  let missing: string[] = [];
  let unknown: string[] = [];
  let wholeLook = Number.NEGATIVE_INFINITY;
  let alive = Number.POSITIVE_INFINITY;
  while (!signal.aborted) {
    // While some are missing mostly these are looked at: what counts is the one look at everything that finds nothing wrong.
    const whole = (missing.length === 0 && unknown.length === 0) || performance.now() - wholeLook >= wholeEveryMs;
    if (whole) wholeLook = performance.now();
    const onlyRoutes = !whole && missing.length === 0;
    const dead = onlyRoutes ? [] : await deadServices(replica, whole ? [] : missing);
    missing = dead.map(({ name }) => name);
    if (dead.length === 0 && (whole || onlyRoutes)) unknown = await unknownRoutes(replica, onlyRoutes ? unknown : []);
    else unknown = [];
    if (!whole && missing.length === 0 && unknown.length === 0) continue;
    trouble = dead.length > 0 ? dead.map(({ name, met }) => `${name} (${met})`).join(", ") : undefined;
    alive = trouble ? Number.POSITIVE_INFINITY : Math.min(alive, performance.now());
    if (unknown.length > 0 && !neverKnown.has(replica) && performance.now() - alive >= discoveryMs) {
      neverKnown.set(replica, new Set(unknown));
      history.append({
        type: "log",
        level: "warning",
        text: `the entry point knows no route, or has no certificate, for ${unknown.join(", ")}`,
      });
    } else if (unknown.length > 0) trouble = `no route or certificate yet for ${unknown.join(", ")}`;
    if (!trouble || performance.now() - start >= settleMs) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  if (!neverKnown.has(replica)) neverKnown.set(replica, new Set());
  history.append({ type: "phase", phase: "steady", state: "ended", ...(trouble ? { detail: trouble } : {}) });
  return trouble;
}

/** Services that came up and do not answer now, of those named; of all when none is named. */
async function deadServices(replica: Replica, among: readonly string[]): Promise<{ name: string; met: string }[]> {
  const tasks = await replica.swarm.tasks();
  const names = [...replica.ready].filter((name) => among.length === 0 || among.includes(name));
  const looks = await Promise.all(names.map(async (name) => ({ name, met: await isReady(replica, name, tasks) })));
  return looks.filter((look): look is { name: string; met: string } => look.met !== undefined);
}

/**
 * Routed hosts that Traefik does not know yet, or has no certificate for where it is to order one, of those named; of all when none is named. It answers 404
 * for one that it does not know; any other answer is the service's own.
 */
async function unknownRoutes(replica: Replica, among: readonly string[]): Promise<string[]> {
  if (!replica.plan.services.some((service) => service.candidate.role === "traefik" && replica.ready.has(service.candidate.name)))
    return [];
  const vantage = replica.vantages.get("public");
  if (!vantage) return [];
  const hosts = routedHosts(replica.plan).filter(
    ({ service, host }) =>
      replica.ready.has(service) && !neverKnown.get(replica)?.has(host) && (among.length === 0 || among.includes(host)),
  );
  const looks = await Promise.all(
    hosts.map(async ({ host, tls, resolver }) => {
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
      return {
        host,
        unknown:
          !sample.response ||
          sample.error ||
          isTraefiksNotFound(sample.response) ||
          (resolver && isDefaultCertificate(sample.tls)),
      };
    }),
  );
  return looks.filter((look) => look.unknown).map((look) => look.host);
}
