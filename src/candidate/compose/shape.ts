import type { Path, Plain, PlainMap } from "./document.ts";

/** Something that cannot be brought into one shape, with where it stands. */
export type Fail = (path: Path, code: "E_COMPOSE_PORT" | "E_COMPOSE_VALUE", sentence: string, cure: string) => Error;

/** A mapping without a prototype, of what it is told. */
export function map(entries: Iterable<readonly [string, Plain]> = []): PlainMap {
  const out: PlainMap = Object.create(null);
  for (const [key, value] of entries) out[key] = value;
  return out;
}

export const isMap = (value: Plain | undefined): value is PlainMap =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * One service in one shape: lists that may be mappings are mappings, short forms are long ones, so that files can be merged key by key.
 * What the schema let through keeps its values as they are.
 */
export function shapeService(service: PlainMap, path: Path, fail: Fail): PlainMap {
  const out = map(Object.entries(service));
  if (out.environment !== undefined) out.environment = pairs(out.environment, "=");
  if (out.extra_hosts !== undefined) out.extra_hosts = hosts(out.extra_hosts);
  if (out.networks !== undefined) out.networks = named(out.networks);
  if (out.tmpfs !== undefined) out.tmpfs = list(out.tmpfs);
  if (out.ports !== undefined) out.ports = list(out.ports).flatMap((port, at) => ports(port, [...path, "ports", at], fail));
  if (out.volumes !== undefined) out.volumes = list(out.volumes).map((one, at) => volume(one, [...path, "volumes", at], fail));
  for (const key of ["configs", "secrets"]) {
    const files = out[key];
    if (files !== undefined) out[key] = list(files).map((one) => (typeof one === "string" ? map([["source", one]]) : one));
  }
  if (isMap(out.deploy) && out.deploy.labels !== undefined)
    out.deploy = map([...Object.entries(out.deploy), ["labels", pairs(out.deploy.labels, "=")]]);
  return out;
}

export function list(value: Plain | undefined): Plain[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

/** `["A=b", "C"]` is `{A: "b", C: null}`. */
function pairs(value: Plain, separator: string): PlainMap {
  if (isMap(value)) return value;
  return map(
    list(value).map((item) => {
      const text = String(item);
      const at = text.indexOf(separator);
      return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** Lines of /etc/hosts as "name=address": addresses of one name are a list, and IPv6 may stand in brackets. */
function hosts(value: Plain): Plain[] {
  if (!isMap(value)) return list(value);
  return Object.entries(value).flatMap(([name, address]) => list(address).map((one) => `${name}=${String(one)}`));
}

function named(value: Plain): PlainMap {
  if (isMap(value)) return value;
  return map(list(value).map((name) => [String(name), null]));
}

/** More ports of one entry than this are a mistake, not a service. */
const mostPorts = 1000;

function ports(value: Plain, path: Path, fail: Fail): Plain[] {
  if (isMap(value)) return [value];
  const written = String(value);
  const wrong = (what: string) =>
    fail(
      path,
      "E_COMPOSE_PORT",
      `should be a port such as "8080", "80:8080" or "53:53/udp" but is "${written}"${what}`,
      "Correct the port.",
    );
  const match = /^(?:(?:(.*):)?([\d-]*):)?([\d-]+)(?:\/(\w+))?$/.exec(written);
  if (!match) throw wrong("");
  const [, address, published, target, protocol = "tcp"] = match;
  const targets = range(target as string);
  const publishes = published ? range(published) : undefined;
  if (!targets || (published && !publishes)) throw wrong(": a port is 1 to 65535, a range FIRST-LAST");
  if (publishes && publishes.length !== targets.length) throw wrong(": both ranges should be of one length");
  if (targets.length > mostPorts) throw wrong(`: ${targets.length} ports`);
  return targets.map((one, at) =>
    map([
      ["target", one],
      ...(publishes ? ([["published", publishes[at] as number]] as const) : []),
      ...(address ? ([["host_ip", address]] as const) : []),
      ["protocol", protocol],
      ["mode", "ingress"],
    ]),
  );
}

function range(text: string): number[] | undefined {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (first < 1 || last > 65535 || last < first) return undefined;
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** `SOURCE:TARGET:MODE`, `SOURCE:TARGET` or `TARGET`; a source that is a path is bound, another names a volume. */
function volume(value: Plain, path: Path, fail: Fail): Plain {
  if (isMap(value)) return value;
  const written = String(value);
  const parts = written.split(":");
  const wrong = (what: string) =>
    fail(
      path,
      "E_COMPOSE_VALUE",
      `should be a volume such as "data:/var/lib/data:ro" but is "${written}"${what}`,
      "Correct the volume; its target is an absolute path in the container.",
    );
  if (parts.length > 3 || parts.includes("")) throw wrong("");
  const [source, target, mode] = parts.length === 1 ? [undefined, parts[0], undefined] : parts;
  if (!target?.startsWith("/")) throw wrong(": the target is no absolute path");
  const words = mode?.split(",") ?? [];
  const bound = source !== undefined && /^[./~]/.test(source);
  return map([
    ["type", bound ? "bind" : "volume"],
    ...(source === undefined ? [] : ([["source", source]] as const)),
    ["target", target],
    ...(words.includes("ro") ? ([["read_only", true]] as const) : []),
  ]);
}
