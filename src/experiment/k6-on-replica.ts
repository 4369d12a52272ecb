import { randomBytes } from "node:crypto";
import { clientRoute } from "../candidate/contract/client-routes.ts";
import type { Role } from "../candidate/types.ts";
import { labelsOf } from "../engine/labels.ts";
import { runnerIdentity } from "../engine/live-runs.ts";
import type { K6Order, K6Run } from "../history/k6.ts";
import { runK6 } from "../load/k6.ts";
import type { Replica } from "../replica/up.ts";

/** Runs a script of `load/` in the public vantage's place, on the names that clients of the candidate use and by the addresses that they resolve to. */
export async function k6OnReplica(
  replica: Replica,
  { image, signal }: { image: string; signal: AbortSignal },
  order: K6Order,
): Promise<K6Run> {
  const vantage = replica.vantages.get("public");
  const address = replica.entryAddress("public");
  if (!vantage || !address) throw new Error("this target has no public network to stand in");
  const origin = (role: Role) => {
    const route = clientRoute(replica.plan.candidate, role);
    return route && { host: route.host, url: `${route.tls ? "https" : "http"}://${route.host}` };
  };
  const [api, web, gatekeeper] = [origin("core"), origin("web"), origin("forward-auth")];
  return await runK6(
    replica.docker,
    {
      image,
      besideContainer: vantage.containerId,
      name: `sr-${replica.runId}-k6-${order.script}-${randomBytes(3).toString("hex")}`,
      labels: labelsOf(replica.runId, "helper", runnerIdentity()),
      signal,
    },
    {
      ...order,
      ...(api ? { apiUrl: `${api.url}/graphql` } : {}),
      ...(web ? { webUrl: web.url } : {}),
      hosts: Object.fromEntries([api, web, gatekeeper].flatMap((one) => (one ? [[one.host, address]] : []))),
      authority: replica.authority.certificate,
      thresholds: true,
      settings: { ...(gatekeeper ? { GATEKEEPER_URL: gatekeeper.url } : {}), ...order.settings },
    },
  );
}
