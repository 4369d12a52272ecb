import type { Sample } from "../history/sample.ts";
import type { HistoryWriter } from "../history/writer.ts";
import { isReady } from "../replica/ready.ts";
import type { Replica } from "../replica/up.ts";
import { routedHosts } from "./selection.ts";

const settleMs = 60_000;

/**
 * Waits until every service that came up answers by its protocol again, and every routed host is known to the entry point; bounded by a minute.
 * @returns undefined when steady, else what is missing
 */
export async function proveSteady(replica: Replica, history: HistoryWriter, signal: AbortSignal): Promise<string | undefined> {
  history.append({ type: "phase", phase: "steady", state: "started" });
  const end = performance.now() + settleMs;
  let trouble: string | undefined = "not looked at yet";
  while (trouble && !signal.aborted) {
    trouble = (await deadService(replica)) ?? (await unknownRoute(replica));
    if (trouble && performance.now() >= end) break;
    if (trouble) await new Promise((resolve) => setTimeout(resolve, 250));
  }
  history.append({ type: "phase", phase: "steady", state: "ended", ...(trouble ? { detail: trouble } : {}) });
  return trouble;
}

async function deadService(replica: Replica): Promise<string | undefined> {
  const tasks = await replica.swarm.tasks();
  const looks = await Promise.all([...replica.ready].map(async (name) => ({ name, met: await isReady(replica, name, tasks) })));
  const dead = looks.filter(({ met }) => met !== undefined);
  return dead.length === 0 ? undefined : dead.map(({ name, met }) => `${name} (${met})`).join(", ");
}

/** Traefik answers 404 for a host that it does not know yet; any other answer is the service's own. */
async function unknownRoute(replica: Replica): Promise<string | undefined> {
  if (!replica.plan.services.some((service) => service.candidate.role === "traefik" && replica.ready.has(service.candidate.name)))
    return undefined;
  const vantage = replica.vantages.get("public");
  if (!vantage) return undefined;
  const hosts = routedHosts(replica.plan).filter(({ service }) => replica.ready.has(service));
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
  const unknown = looks.filter((look) => look.unknown).map((look) => look.host);
  return unknown.length === 0 ? undefined : `no route yet for ${unknown.join(", ")}`;
}

/** Traefik's own 404 has exactly this length and type; a service's 404 (the API has one at `/`) carries another. */
function isUnknownRoute(sample: Sample<"http">): boolean {
  if (sample.error || !sample.response) return true;
  const { status, headers } = sample.response;
  return (
    status === 404 && headers?.["content-length"]?.[0] === "19" && (headers["content-type"]?.[0] ?? "").startsWith("text/plain")
  );
}
