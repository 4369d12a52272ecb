import { labels } from "../../../src/check/access/evidence.ts";
import type { AccessMode, DeployedRouter, EntryPointFact } from "../../../src/history/access.ts";
import type { EventBody } from "../../../src/history/events.ts";
import type { CertificateSeen, SampleError, TlsSeen } from "../../../src/history/sample.ts";
import { responseOf } from "../../check/a-history.ts";
import { seen, told } from "../layer1/judge.ts";

/** One look at the entry point on paper: two routes, each with a router that is right, asked from every mode and answered well. Tests change what they are about. */
export interface Look {
  entry: EntryPointFact;
  routers: { name: string; provider: string; rule: string }[];
  answers: Map<string, EventBody>;
}

export const domain = "example.test";
export const addresses: Record<AccessMode, string> = {
  localhost: "127.0.0.1",
  lan: "10.130.0.2",
  tailscale: "100.64.0.1",
  public: "10.131.0.2",
};

const router = (name: string, service: string, host: string, more: Partial<DeployedRouter> = {}): DeployedRouter => ({
  router: name,
  protocol: "http",
  service,
  tier: "platform",
  rule: `Host(\`${host}\`)`,
  hosts: [host],
  tls: true,
  resolver: "le",
  entryPoints: [],
  networks: ["ingress"],
  ...more,
});

/** The routes `web` (the domain itself) and `api`. */
export function look(): Look {
  const route = (service: string, role: string, label: string) => ({
    id: label === "" ? domain : `${label}.${domain}`,
    host: label === "" ? domain : `${label}.${domain}`,
    service,
    role,
    tier: "platform" as const,
    protocol: "http" as const,
    label,
    tls: true,
    path: "/",
    port: 3000,
    up: true,
  });
  const entry: EntryPointFact = {
    domain,
    routes: [route("web", "web", ""), route("api", "core", "api")],
    deployed: [router("web", "web", domain), router("api", "api", `api.${domain}`)],
    network: "ingress",
    literals: { lan: [], tailscale: [] },
  };
  return {
    entry,
    routers: entry.deployed.map(({ router: name, rule }) => ({ name: `${name}@docker`, provider: "docker", rule })),
    answers: new Map(),
  };
}

/** Events of `access/modes` for a look: what no answer was given for is answered well by name, and with the entry point's own 404 by address. */
export function recorded({ entry, routers, answers }: Look, modes: readonly AccessMode[]): EventBody[] {
  const events: EventBody[] = [
    told("entry point", entry),
    ...modes.map((mode) => told("mode", { mode, address: addresses[mode], resolver: "dns", trust: "public" })),
    http(labels.routers("http"), "GET http://127.0.0.1:8080/api/http/routers", 200, JSON.stringify(routers)),
    http(labels.routers("tcp"), "GET http://127.0.0.1:8080/api/tcp/routers", 200, "[]"),
  ];
  for (const route of entry.routes) {
    events.push(
      answers.get(labels.own(route)) ?? http(labels.own(route), `GET http://${route.service}:3000/`, 200, route.service),
    );
    const other = answers.get(labels.otherScheme(route));
    if (other) events.push(other);
    for (const mode of modes) {
      const named = labels.look(mode, "name", route);
      events.push(answers.get(named) ?? asked(named, `https://${route.host}/`, mode, 200, route.service));
      if (mode === "public" || (mode !== "localhost" && route.label !== "")) continue;
      const byAddress = labels.look(mode, "address", route);
      const host = mode === "localhost" ? [route.label, "localhost"].filter(Boolean).join(".") : addresses[mode];
      events.push(answers.get(byAddress) ?? notFound(byAddress, `https://${host}/`, mode));
    }
  }
  const engine = answers.get(labels.engine);
  return engine ? [...events, engine] : events;
}

/** An answer to somebody inside, where no name, source or certificate matters. */
export function http(label: string, target: string, status: number, body = "", headers: Record<string, string> = {}): EventBody {
  return seen(label, target, "http", { response: responseOf(status, headers, body) });
}

/** A client's look with all that it has to record: source, what the name resolved to, certificate. */
export function asked(
  label: string,
  url: string,
  mode: AccessMode,
  status: number,
  body = "",
  more: { headers?: Record<string, string>; tls?: TlsSeen; answers?: string[] } = {},
): EventBody {
  const { hostname, protocol } = new URL(url);
  return seen(label, `GET ${url}`, "http", {
    vantage: mode,
    source: "10.131.0.9:40000",
    peer: `${addresses[mode]}:443`,
    ...(/^[\d.]+$/.test(hostname)
      ? {}
      : { resolved: { server: "10.131.0.3:53", name: hostname, answers: more.answers ?? [addresses[mode]] } }),
    ...(protocol === "https:" ? { tls: more.tls ?? certified(hostname) } : {}),
    response: responseOf(status, more.headers ?? {}, body),
  });
}

export function notFound(label: string, url: string, mode: AccessMode): EventBody {
  return asked(label, url, mode, 404, "404 page not found\n", {
    headers: { "content-type": "text/plain; charset=utf-8", "content-length": "19" },
  });
}

export function unanswered(
  label: string,
  url: string,
  mode: AccessMode,
  error: SampleError,
  answers = [addresses[mode]],
): EventBody {
  return seen(label, `GET ${url}`, "http", {
    vantage: mode,
    peer: `${answers[0]}:443`,
    resolved: { server: "10.131.0.3:53", name: new URL(url).hostname, answers },
    error,
  });
}

/** A chain of one certificate for a name; the histories are of 2026-11-22. */
export function certified(name: string, more: Partial<CertificateSeen> & { verifyError?: string } = {}): TlsSeen {
  const { verifyError, ...certificate } = more;
  return {
    serverName: name,
    version: "1.3",
    chain: [
      {
        subject: `CN=${name}`,
        issuer: "CN=the public authority",
        sans: [name],
        notBefore: "2026-11-01T00:00:00Z",
        notAfter: "2026-12-21T00:00:00Z",
        sha256: "00",
        ...certificate,
      },
    ],
    ...(verifyError === undefined ? {} : { verifyError }),
  };
}

export const defaultCertificate = (name: string): TlsSeen =>
  certified(name, {
    subject: "CN=TRAEFIK DEFAULT CERT",
    issuer: "CN=TRAEFIK DEFAULT CERT",
    sans: ["abc.traefik.default"],
    verifyError: "unknown authority",
  });
