import { parse } from "yaml";
import type { Candidate, CandidateService } from "../types.ts";

/** Where Traefik keeps the certificates that a resolver gets: path in its container, by the resolver's name as routers give it. */
export function acmeStorages(candidate: Candidate, traefik: CandidateService): Map<string, string> {
  const storages = new Map<string, string>();
  const add = (resolver: string, path: unknown) => {
    if (typeof path === "string" && path.startsWith("/")) storages.set(resolver, path);
  };
  for (const { source, target } of traefik.configs) {
    if (!/\.ya?ml$/i.test(target)) continue;
    for (const [resolver, settings] of Object.entries(resolversIn(candidate.configs.find((one) => one.name === source)?.content)))
      add(resolver, settings?.acme?.storage);
  }
  for (const word of [...(traefik.command ?? []), ...(traefik.args ?? [])]) {
    const match = /^--certificatesresolvers\.([^.]+)\.acme\.storage=(.+)$/i.exec(word);
    if (match) add(match[1] as string, match[2]);
  }
  return storages;
}

function resolversIn(content: string | undefined): Record<string, { acme?: { storage?: unknown } } | null> {
  try {
    const document = parse(content ?? "") as { certificatesResolvers?: unknown } | null;
    const resolvers = document?.certificatesResolvers;
    return typeof resolvers === "object" && resolvers !== null ? (resolvers as ReturnType<typeof resolversIn>) : {};
  } catch {
    return {};
  }
}
