import type { Candidate } from "../../candidate/types.ts";
import { changed, configured, type Mutation } from "./mutation.ts";

/** Traefik's ACME store in its container's memory, gone with its task. */
const storeLost = (candidate: Candidate) =>
  changed(candidate, "traefik", (service) => {
    service.mounts = service.mounts.map((mount) =>
      mount.target === "/data" ? { type: "tmpfs", source: "", target: mount.target, readOnly: false } : mount,
    );
  });

/** Traefik's static configuration told that certificates last seven days, so that it renews one a day before its end. */
const renewsLate = (candidate: Candidate) =>
  configured(candidate, "traefik-config", "tlsChallenge: {}", "certificatesDuration: 168\n      tlsChallenge: {}");

export const accessCertificateMutations: readonly Mutation[] = [
  {
    name: "acme-resolver-misspelt",
    what: "forward-auth's router names a resolver that Traefik does not have, so nobody orders its certificate",
    reddens: "access/acme-issued",
    candidate: (candidate) =>
      changed(candidate, "forward-auth", (service) => {
        service.labels["traefik.http.routers.http.tls.certResolver"] = "lets-encrypt";
      }),
  },
  {
    name: "acme-renews-late",
    what: "Traefik takes certificates to last seven days, and renews one that ends in ten days not yet",
    reddens: "access/acme-renewed",
    candidate: renewsLate,
  },
  {
    name: "acme-store-lost-down",
    what: "Traefik's certificates are gone with its task, and the ACME server is down when it starts again",
    reddens: "access/acme-down",
    candidate: storeLost,
  },
  {
    name: "acme-store-lost-limited",
    what: "Traefik's certificates are gone with its task, and new orders are rate-limited",
    reddens: "access/acme-rate-limited",
    candidate: storeLost,
  },
  {
    name: "acme-store-lost-refused",
    what: "Traefik's certificates are gone with its task, and new orders are refused",
    reddens: "access/acme-refused",
    candidate: storeLost,
  },
];
