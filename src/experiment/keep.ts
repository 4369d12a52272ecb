import type Dockerode from "dockerode";
import { routesOf } from "../candidate/routes.ts";
import { keptPhase } from "../check/run-checks.ts";
import { markKept } from "../engine/live-runs.ts";
import type { Tier } from "../history/events.ts";
import { saveReplica } from "../replica/attach.ts";
import type { Replica } from "../replica/up.ts";
import type { Run } from "./run.ts";

/** How a person reaches one route of a kept replica. */
export interface KeptUrl {
  service: string;
  host: string;
  /** On 127.0.0.1 of the machine that runs Docker. */
  port: number;
  /** Loopback address; the name must be given beside it, since routes go by it. */
  url: string;
  /** A command line that asks for the route by its own name and trusts the run's authority. */
  curl: string;
}

export interface Kept {
  runId: string;
  urls: KeptUrl[];
  /** Folder with secrets, certificates and what `verify` needs; its owner's alone. */
  folder: string;
}

/** Hands a replica over: what is needed to reach it is on disk before it is marked as kept. */
export async function keep(docker: Dockerode, run: Run, replica: Replica, upTo: Tier): Promise<Kept> {
  run.history.append({ type: "phase", phase: keptPhase, state: "started" });
  const folder = saveReplica(replica, upTo, run.folder);
  await markKept(docker, run.id);
  run.history.append({ type: "phase", phase: keptPhase, state: "ended" });
  return { runId: run.id, urls: urlsOf(replica, folder), folder };
}

function urlsOf(replica: Replica, folder: string): KeptUrl[] {
  return replica.plan.services.flatMap((service) => {
    // A service of a tier that was not brought up has no route.
    if (!replica.ready.has(service.candidate.name)) return [];
    return routesOf(service.candidate)
      .filter((route) => route.protocol === "http" && route.host !== "")
      .flatMap(({ host, tls }) => {
        const inner = tls ? 443 : 80;
        const port = replica.node.loopback.get(inner);
        if (port === undefined) return [];
        const scheme = tls ? "https" : "http";
        const trust = tls ? `--cacert ${folder}/authority.pem ` : "";
        return [
          {
            service: service.candidate.name,
            host,
            port,
            url: `${scheme}://127.0.0.1:${port}`,
            curl: `curl ${trust}--resolve ${host}:${port}:127.0.0.1 ${scheme}://${host}:${port}/`,
          },
        ];
      });
  });
}

/** What a person gets to know of a kept replica. */
export function keptText(kept: Kept): string {
  const width = Math.max(0, ...kept.urls.map((url) => url.host.length));
  return [
    "",
    `The replica ${kept.runId} stays up.`,
    ...kept.urls.map((url) => `  ${url.host.padEnd(width)}  ${url.url}  ${url.curl}`),
    `  secrets, authority and client certificate: ${kept.folder}`,
    `  look again: sprocket-resilience verify ${kept.runId}`,
    `  take it down: sprocket-resilience down ${kept.runId}`,
    "",
  ].join("\n");
}
