import type { Plain, PlainMap } from "./document.ts";
import { isMap, map } from "./shape.ts";

/** Lists whose entries replace one another by what they are for; other lists are appended, and these few replaced as a whole. */
const keyed: Record<string, (entry: PlainMap) => string> = {
  ports: (port) => [port.host_ip, port.published ?? "", port.target, port.protocol ?? "tcp"].join("/"),
  volumes: (mount) => String(mount.target ?? ""),
  configs: (file) => String(file.target ?? file.source ?? ""),
  secrets: (file) => String(file.target ?? file.source ?? ""),
};
const replaced = new Set(["command", "entrypoint", "test"]);

/** Puts a further file's value over an earlier one's, as `docker compose -f a -f b` and `docker stack deploy -c a -c b` do. Both are in one shape (`shapeService`). */
export function mergeOver(below: Plain | undefined, above: Plain, key = ""): Plain {
  if (below === undefined || below === null) return above;
  if (isMap(below) && isMap(above)) {
    const out = map(Object.entries(below));
    for (const [name, value] of Object.entries(above)) out[name] = mergeOver(out[name], value, name);
    return out;
  }
  if (Array.isArray(below) && Array.isArray(above) && !replaced.has(key)) {
    const of = Object.hasOwn(keyed, key) ? keyed[key] : undefined;
    if (!of) return [...new Set([...below, ...above])];
    const entries = new Map<string, Plain>();
    for (const entry of [...below, ...above]) {
      const id = isMap(entry) ? of(entry) : String(entry);
      entries.set(id, mergeOver(entries.get(id), entry));
    }
    return [...entries.values()];
  }
  // `key:` without a value says nothing, but for a variable that is to come from the environment.
  return above === null && isMap(below) ? below : above;
}
