import type { CandidateSecret, DefinedService } from "../types.ts";

/** A name of somebody else's server: not an address, not this machine, no placeholder. */
export function isExternal(host: string, services: readonly DefinedService[]): boolean {
  if (!/^[a-z0-9](?:[\w-]*[a-z0-9])?(?:\.[\w-]+)+$/i.test(host) || /^[\d.]+$/.test(host)) return false;
  const own = host.toLowerCase();
  return !services.some((service) =>
    [service.name, `tasks.${service.name}`, ...Object.values(service.aliases ?? {}).flat()].some(
      (name) => name.toLowerCase() === own,
    ),
  );
}

/** "https://host:port/path" or "host:port" in its parts. */
export function address(text: string): { host: string; port?: number } {
  const match = /^(?:[a-z][\w+.-]*:\/\/)?([^\s/:?#]+)(?::(\d{1,5}))?(?:[/?#].*)?$/i.exec(text.trim());
  if (!match) return { host: "" };
  return { host: (match[1] as string).toLowerCase(), ...(match[2] ? { port: Number(match[2]) } : {}) };
}

/** Name of the secret that a value is, when it is exactly one. */
export function secretIn(value: string | undefined): string | undefined {
  return /^\$\{secret:([\w.-]+)\}$/.exec(value ?? "")?.[1];
}

/** The first secret of the given services, then of the candidate, whose name or file says what it is. */
export function secretNamed(
  pattern: RegExp,
  services: readonly DefinedService[],
  secrets: readonly CandidateSecret[],
): string | undefined {
  const known = (name: string) => secrets.some((secret) => secret.name === name);
  for (const { source, target } of services.flatMap((service) => service.secrets)) {
    if (known(source) && (pattern.test(source) || pattern.test(target.split("/").at(-1) ?? ""))) return source;
  }
  return secrets.find(({ name }) => pattern.test(name))?.name;
}

/** The value that comes most often; of equals the first met. */
export function commonest<Value>(values: readonly Value[]): Value | undefined {
  const counts = new Map<Value, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
