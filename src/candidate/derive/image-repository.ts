/** An image reference's repository without registry host, tag and digest, in lower case: "docker.io/Grafana/loki:main@sha256:…" is "grafana/loki". */
export function imageRepository(reference: string): string {
  const parts = reference.split("@")[0]?.toLowerCase().split("/") ?? [];
  const first = parts[0] ?? "";
  // As Docker reads it: a first part is a registry when it has a dot or a port, or is "localhost".
  if (parts.length > 1 && (first.includes(".") || first.includes(":") || first === "localhost")) parts.shift();
  const last = parts.pop() ?? "";
  return [...parts, last.split(":")[0] ?? ""].join("/");
}

/** The last part of an image's repository, which says what the image is: "asaxplayinghorse/core" is "core". */
export function imageKind(reference: string): string {
  return imageRepository(reference).split("/").at(-1) ?? "";
}
