import type { AccessMode, AccessRoute, EntryPointFact, ModeFact } from "../../history/access.ts";
import type { EventOf } from "../../history/events.ts";
import type { HttpResponse } from "../../history/sample.ts";
import type { Seen } from "../check.ts";
import { listIn, responseOf } from "../http.ts";

/** A router as Traefik itself tells of it. */
export interface KnownRouter {
  name: string;
  provider: string;
  rule: string;
  status?: string;
  service?: string;
  error?: string[];
}

/** All that one look at the entry point recorded, read once: what cells and the search for causes are judged by. */
export interface AccessEvidence {
  entry: EntryPointFact;
  modes: ModeFact[];
  /** What the service itself says, asked inside. */
  own(route: AccessRoute): EventOf<"sample"> | undefined;
  /** The newest look of a client; a look is repeated while the entry point does not know the route yet. */
  look(mode: AccessMode, by: "name" | "address", route: AccessRoute): EventOf<"sample"> | undefined;
  /** The same question over the other scheme. */
  otherScheme(route: AccessRoute): EventOf<"sample"> | undefined;
  /** What Traefik says its routers are; undefined when it did not say. */
  routers?: KnownRouter[];
  /** What the engine answers to the version of its API that Traefik speaks. */
  engine?: HttpResponse;
}

/** Labels of the samples of `access/modes`. */
export const labels = {
  look: (mode: AccessMode, by: "name" | "address", route: AccessRoute) => `${mode} by ${by}: ${route.id}`,
  own: (route: AccessRoute) => `own: ${route.id}`,
  otherScheme: (route: AccessRoute) => `other scheme: ${route.id}`,
  routers: (protocol: "http" | "tcp") => `${protocol} routers`,
  engine: "engine's API as Traefik speaks it",
} as const;

/** @throws NotSeen when nobody recorded what the entry point is */
export function evidenceOf(seen: Seen): AccessEvidence {
  const entry = seen.fact<EntryPointFact>("entry point");
  const modes = seen.facts<ModeFact>("mode");
  const newest = new Map(seen.samples().map((event) => [event.label, event]));
  const http = listIn<KnownRouter>(responseOf(newest.get(labels.routers("http"))?.sample));
  const tcp = listIn<KnownRouter>(responseOf(newest.get(labels.routers("tcp"))?.sample));
  const engine = responseOf(newest.get(labels.engine)?.sample);
  return {
    entry,
    modes,
    own: (route) => newest.get(labels.own(route)),
    look: (mode, by, route) => newest.get(labels.look(mode, by, route)),
    otherScheme: (route) => newest.get(labels.otherScheme(route)),
    ...(http && tcp ? { routers: [...http, ...tcp] } : {}),
    ...(engine ? { engine } : {}),
  };
}
