/** A registry reference taken apart; `repository` is in full ("library/traefik"), the registry is "docker.io" by default. */
export interface ImageReference {
  registry: string;
  repository: string;
  tag?: string;
  digest?: string;
}

/** Takes "traefik:v2.11", "host:5000/a/b@sha256:…" apart. A digest may be a placeholder ("@digest"), as in exported definitions. */
export function parseReference(text: string): ImageReference {
  const [name = "", digest] = text.split("@");
  const parts = name.split("/");
  const first = parts[0] ?? "";
  const hasRegistry = parts.length > 1 && (first.includes(".") || first.includes(":") || first === "localhost");
  const registry = hasRegistry ? first : "docker.io";
  const rest = (hasRegistry ? parts.slice(1) : parts).join("/");
  const colon = rest.lastIndexOf(":");
  const path = colon === -1 ? rest : rest.slice(0, colon);
  const repository = registry === "docker.io" && !path.includes("/") ? `library/${path}` : path;
  return {
    registry: registry === "index.docker.io" ? "docker.io" : registry,
    repository,
    ...(colon === -1 ? {} : { tag: rest.slice(colon + 1) }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/**
 * Where a reference is pulled from: itself, or a mirror "host:port/prefix" below which Docker Hub's repositories lie in full
 * ("prefix/library/traefik").
 */
export function pullReference(text: string, mirror: string | undefined): { registry: string; repository: string; tag: string } {
  const reference = parseReference(text);
  const tag = reference.digest ?? reference.tag ?? "latest";
  if (!mirror) {
    const { registry, repository } = reference;
    return { registry, repository: registry === "docker.io" ? repository : `${registry}/${repository}`, tag };
  }
  const [registry = "", ...prefix] = mirror
    .replace(/^https?:\/\//, "")
    .replace(/\/+$/, "")
    .split("/");
  return { registry, repository: [registry, ...prefix, reference.repository].join("/"), tag };
}
