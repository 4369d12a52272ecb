import type { AccessCell, AccessMatrix, Outcome } from "../../src/check/access/matrix.ts";
import { type AccessMode, accessModes } from "../../src/history/access.ts";
import type { Tier } from "../../src/history/events.ts";

const host = "sprocket.test";

const aRoute = (id: string, title: string, service: string, tier: Tier, protocol: "http" | "tcp" = "http") => ({
  id,
  title,
  service,
  tier,
  protocol,
  known: true,
});

const routes: AccessMatrix["routes"] = [
  aRoute("traefik-dashboard", `traefik.${host}`, "traefik", "layer1"),
  aRoute("http", `fa.${host}`, "forward-auth", "layer1"),
  aRoute("grafana", `grafana.${host}`, "grafana", "layer2"),
  aRoute("prod-datastores-rmq-management", `management.rabbitmq.${host}`, "rabbitmq", "layer2"),
  aRoute("prod-datastores-rmq-amqp", `rabbitmq.${host}`, "rabbitmq", "layer2", "tcp"),
  aRoute("prod-datastores-redis", `redis.${host}`, "redis", "layer2", "tcp"),
  aRoute("sprocket-core-main", `api.${host}`, "core", "platform"),
  aRoute("sprocket-web-main", host, "web", "platform"),
  aRoute("sprocket-image-gen-main", `image-generation.${host}`, "image-generation", "platform"),
];

/** Guarded by forward-auth. */
const guarded = "traefik-dashboard";

const clients: Record<AccessMode, { from: string; resolver: string; trust: string; source: string; peer: string }> = {
  localhost: { from: "the node itself", resolver: "/etc/hosts", trust: "nobody", source: "127.0.0.1", peer: "127.0.0.1" },
  lan: { from: "10.77.4.0/24", resolver: "/etc/hosts", trust: "the run's authority", source: "10.77.4.20", peer: "10.77.4.2" },
  tailscale: {
    from: "100.64.0.0/10",
    resolver: "100.100.100.100",
    trust: "the run's authority",
    source: "100.64.0.3",
    peer: "100.64.0.1",
  },
  public: { from: "10.77.8.0/24", resolver: "10.77.8.53", trust: "the run's authority", source: "10.77.8.20", peer: "10.77.8.2" },
};

const address: Partial<Record<AccessMode, string>> = { lan: "10.77.4.2", tailscale: "ingress.sprocket.tailnet.test" };

/** A cell in which `met` was met; unless told otherwise, both sets expect it. */
export function aCell(
  route: string,
  mode: AccessMode,
  by: AccessCell["by"],
  met: Outcome | undefined,
  expected: Partial<AccessCell["expected"]> = {},
): AccessCell {
  const wanted = { documented: met ?? "answers", actual: met ?? "answers", ...expected };
  const judged = (set: "documented" | "actual") => (met === undefined ? "unknown" : met === wanted[set] ? "pass" : "fail");
  const { source, peer, resolver } = clients[mode];
  const title = routes.find((one) => one.id === route)?.title ?? route;
  return {
    route,
    mode,
    by,
    asked: `https://${by === "name" ? title : (address[mode] ?? mode)}/`,
    expected: wanted,
    ...(met === undefined ? {} : { met }),
    verdict: { documented: judged("documented"), actual: judged("actual") },
    reason: met === undefined ? "nothing was recorded" : `the client met: ${met}`,
    faults: met === "not-found" ? ["R-1"] : [],
    details: {
      source: `${source}:48120`,
      ...(by === "name" ? { resolver, answers: [peer] } : {}),
      peer: `${peer}:443`,
      status: met === "not-found" ? 404 : met === "closed" ? 307 : met === "other" ? 502 : 200,
      tlsVersion: "1.3",
      certificate: by === "name" ? `CN=${title}, by Sprocket Test Root, until 2027-02-23` : "CN=TRAEFIK DEFAULT CERT, by itself",
    },
    phasesMs: { ...(by === "name" ? { dns: 0.42 } : {}), connect: 0.31, tls: 3.12, firstByte: 12.4, total: 16.3 },
  };
}

/**
 * Every route in every mode as today's rules give it: by the route's own name it answers (or is closed) from everywhere, by LAN or tailnet address it
 * is the entry point's 404, where the documents promise an answer.
 */
export function anAccess(decides: AccessMatrix["decides"] = "actual"): AccessMatrix {
  return {
    decides,
    modes: accessModes.map((mode) => {
      const { from, resolver, trust } = clients[mode];
      return { mode, from, resolver, trust, looked: true };
    }),
    routes,
    cells: routes.flatMap(({ id }) =>
      accessModes.flatMap((mode) => {
        const promised = id === guarded ? "closed" : "answers";
        const byName = aCell(id, mode, "name", promised);
        return address[mode] ? [byName, aCell(id, mode, "address", "not-found", { documented: promised })] : [byName];
      }),
    ),
  };
}

/** Everything as both sets expect it. */
export function anOpenAccess(): AccessMatrix {
  const matrix = anAccess();
  return { ...matrix, cells: matrix.cells.map((cell) => aCell(cell.route, cell.mode, cell.by, cell.expected.documented)) };
}

/** All that a matrix can hold at once: a failure, an unknown, a service that is not reproduced, a mode from which nobody looked, several faults. */
export function aBadAccess(): AccessMatrix {
  const matrix = anAccess();
  const cells = matrix.cells
    .filter((cell) => cell.mode !== "tailscale")
    .map((cell): AccessCell => {
      if (cell.route === "grafana") {
        const { phasesMs: _, ...unknown } = aCell(cell.route, cell.mode, cell.by, undefined, cell.expected);
        return { ...unknown, reason: "the replica does not reproduce grafana", details: {} };
      }
      if (cell.route === "sprocket-core-main" && cell.mode === "public") {
        const failed = aCell(cell.route, cell.mode, cell.by, "other", cell.expected);
        return {
          ...failed,
          faults: ["R-5", "R-12"],
          details: { ...failed.details, trouble: "502 after 30 s: no route to host" },
        };
      }
      return cell;
    });
  return {
    ...matrix,
    modes: matrix.modes.map((one) =>
      one.mode === "tailscale" ? { ...one, looked: false, why: "the tailnet's images are not here" } : one,
    ),
    routes: matrix.routes.map((one) =>
      one.id === "grafana" ? { ...one, known: false, why: "Grafana is not reproduced: its image cannot be had" } : one,
    ),
    cells,
  };
}

/** The same with a stranger's text in every place for text. */
export function aHostileAccess(hostile: string): AccessMatrix {
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => {
        const free = !["mode", "by", "tier", "protocol", "decides", "met", "expected", "verdict"].includes(key);
        if (!free) return [key, one];
        if (typeof one === "string") return [key, hostile + (["route", "id"].includes(key) ? one : "")];
        if (Array.isArray(one) && one.every((text) => typeof text === "string")) return [key, one.map((text) => hostile + text)];
        return [key, replace(one)];
      }),
    );
  };
  return replace(aBadAccess()) as AccessMatrix;
}
