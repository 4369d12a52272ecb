import { clientRoute } from "../../candidate/contract/client-routes.ts";
import { type Route, routesOf } from "../../candidate/routes.ts";
import type { Role } from "../../candidate/types.ts";
import type { HttpResponse } from "../../history/sample.ts";
import type { Replica } from "../../replica/up.ts";
import { serviceNow } from "./change.ts";

/** A service as clients reach it through the entry point. */
export interface Entry {
  service: string;
  /** The router of its labels that serves this name. */
  router: Route;
  /** Its labels as Swarm has them. */
  labels: Record<string, string>;
  /** One request to it from the public network; nobody is asked for the address. */
  ask(): Promise<HttpResponse | undefined>;
}

/** Longest wait for an answer, milliseconds. */
const totalMs = 3_000;

/** @throws when the role has no route, or its route leads nowhere before anything is hurt */
export async function entryOf(replica: Replica, role: Role): Promise<Entry> {
  const service = replica.service(role).candidate.name;
  const labels = ((await serviceNow(replica, service)).Spec.Labels ?? {}) as Record<string, string>;
  const way = clientRoute(replica.plan.candidate, role);
  const router = routesOf({ name: service, labels }).find(
    ({ protocol, hosts }) => protocol === "http" && hosts.some((host) => host.toLowerCase() === way?.host),
  );
  const agent = replica.vantages.get("public")?.agent;
  const address = replica.entryAddress("public");
  if (!way || !router || !agent || !address) throw new Error(`clients have no route to ${role} that could be hurt`);
  const entry: Entry = {
    service,
    router,
    labels,
    ask: async () => {
      const url = `${way.tls ? "https" : "http"}://${way.host}/`;
      const { response } = await agent.probe<"http">(
        {},
        { kind: "http", url, resolve: { address }, tls: { insecure: true }, timeouts: { totalMs } },
      );
      return response;
    },
  };
  const response = await entry.ask();
  if (!response || leadsNowhere(response)) throw new Error(`the route to ${role} leads nowhere already`);
  return entry;
}

/** Traefik's own answer where no router takes a request: 404, nineteen bytes of plain text. */
export function leadsNowhere({ status, headers }: HttpResponse): boolean {
  return (
    status === 404 && headers?.["content-length"]?.[0] === "19" && (headers["content-type"]?.[0] ?? "").startsWith("text/plain")
  );
}
