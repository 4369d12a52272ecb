import type { Candidate } from "../types.ts";
import { type Expectation, expectation, type Seen } from "./expectation.ts";
import { deep, ofRole, placeOf, tagOf } from "./read.ts";
import { traefikStatic } from "./traefik-static.ts";

const architecture = "docs-output/ARCHITECTURE.md";
const staticFile = "layer_1/src/config/traefik/static.yaml";

/** The certificate resolvers of Traefik's static configuration. */
function resolvers(candidate: Candidate): { place: string; name: string; acme: unknown }[] {
  return traefikStatic(candidate).flatMap(({ place, at }) =>
    Object.entries((at("certificatesResolvers") ?? {}) as Record<string, unknown>).map(([name, resolver]) => ({
      place,
      name,
      acme: deep(resolver, "acme"),
    })),
  );
}

/** Whether a label of any service ends so: what a middleware is told stands there. */
function labelled(candidate: Candidate, ending: RegExp): Seen<boolean>[] {
  return ofRole(candidate, "traefik").map((service) => {
    const found = candidate.services.some((one) => Object.keys(one.labels).some((label) => ending.test(label)));
    return { place: placeOf("service", service), value: found, met: "no middleware of any router does it" };
  });
}

export const traefikExpectations: readonly Expectation[] = [
  expectation<string>({
    id: "traefik-version",
    subject: "Traefik's version",
    read: (candidate) =>
      ofRole(candidate, "traefik").flatMap((service) => {
        const tag = tagOf(service.image);
        return tag === undefined
          ? []
          : [{ place: placeOf("service", service), value: tag, met: `the image is ${service.image}` }];
      }),
    documented: { says: "Traefik v2.6.1", source: architecture, keeps: (tag) => tag === "v2.6.1" },
    actual: { says: "Traefik v2.11", source: "global/services/traefik/Traefik.ts", keeps: (tag) => tag === "v2.11" },
    cure: "Name the deployed version in the document.",
  }),
  expectation<boolean>({
    id: "http-redirect",
    subject: "HTTP on port 80",
    row: 7,
    read: (candidate) =>
      traefikStatic(candidate).flatMap(({ place, at }) =>
        Object.entries((at("entryPoints") ?? {}) as Record<string, unknown>)
          .filter(([, entry]) => /:80$/.test(String(deep(entry, "address"))))
          .map(([name, entry]) => ({
            place,
            value: deep(entry, "http", "redirections", "entrypoint", "to") !== undefined || redirectsByLabel(candidate),
            met: `entry point ${name} sends nobody on`,
          })),
      ),
    documented: { says: "that port 80 redirects to HTTPS", source: architecture, keeps: (redirects) => redirects },
    actual: { says: "404 on port 80 for every route with TLS", source: staticFile, keeps: (redirects) => !redirects },
    cure: "Set http.redirections.entryPoint.to on the entry point, or take the promise back.",
  }),
  expectation<string>({
    id: "acme-challenge",
    subject: "how certificates are proved",
    row: 8,
    read: (candidate) =>
      resolvers(candidate).flatMap(({ place, name, acme }) => {
        const kind = ["httpchallenge", "tlschallenge", "dnschallenge"].find((one) => deep(acme, one) !== undefined);
        return kind === undefined ? [] : [{ place, value: kind, met: `resolver ${name} has ${kind}` }];
      }),
    documented: { says: "certificates by HTTP-01", source: architecture, keeps: (kind) => kind === "httpchallenge" },
    actual: { says: "certificates by TLS-ALPN-01", source: staticFile, keeps: (kind) => kind === "tlschallenge" },
    cure: "Say TLS-ALPN-01 in the documents: for it port 443 must be reachable, not port 80.",
  }),
  expectation<string>({
    id: "acme-storage",
    subject: "where certificates are kept",
    row: 8,
    read: (candidate) =>
      resolvers(candidate).flatMap(({ place, name, acme }) => {
        const storage = deep(acme, "storage");
        return typeof storage === "string" ? [{ place, value: storage, met: `resolver ${name} keeps them in ${storage}` }] : [];
      }),
    documented: {
      says: "certificates kept in acme.json",
      source: "docs-output/POSTMORTEM.md, docs-output/TECHNICAL_CHALLENGES.md",
      keeps: (file) => file.endsWith("/acme.json"),
    },
    actual: { says: "certificates in /data/le-tls.json", source: staticFile, keeps: (file) => file === "/data/le-tls.json" },
    cure: "Name the file of the definition in the documents: a backup of another one restores nothing.",
  }),
  expectation<boolean>({
    id: "traefik-api-open",
    subject: "Traefik's API",
    read: (candidate) =>
      traefikStatic(candidate).map(({ place, at }) => ({
        place,
        value: String(at("api", "insecure")) === "true",
        met: "api.insecure opens it on 8080 to every container of Traefik's networks",
      })),
    documented: { says: "a dashboard behind authentication", source: architecture, keeps: (open) => !open },
    actual: { says: "an API without authentication on 8080, not published", source: staticFile, keeps: (open) => open },
    cure: "Set api.insecure to false; the router with forward-auth serves the dashboard without it.",
  }),
  expectation<boolean>({
    id: "hsts",
    subject: "Strict-Transport-Security",
    read: (candidate) => labelled(candidate, /\.headers\.stsseconds$/i),
    documented: { says: "the header Strict-Transport-Security", source: architecture, keeps: (set) => set },
    actual: { says: "no such header", source: "global/helpers/docker/TraefikLabels.ts", keeps: (set) => !set },
    cure: "Give the routers a headers middleware with stsSeconds, or take the promise back.",
  }),
  expectation<boolean>({
    id: "compression",
    subject: "compressed answers",
    read: (candidate) => labelled(candidate, /^traefik\.http\.middlewares\.[^.]+\.compress/i),
    documented: { says: "answers compressed by Traefik", source: architecture, keeps: (set) => set },
    actual: { says: "no compression by Traefik", source: "global/helpers/docker/TraefikLabels.ts", keeps: (set) => !set },
    cure: "Give the routers a compress middleware, or take the promise back.",
  }),
];

function redirectsByLabel(candidate: Candidate): boolean {
  return candidate.services.some((service) =>
    Object.entries(service.labels).some(([label, value]) => /\.redirectscheme\.scheme$/i.test(label) && value === "https"),
  );
}
