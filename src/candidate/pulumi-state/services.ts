import { modeText, mountText, plainName, portText, type ServiceView, ViewWriter } from "../drift/view.ts";
import type { PulumiExport, StateResource } from "./export.ts";
import { at, plainValue, Unknowable } from "./values.ts";

const serviceType = "docker:index/service:Service";
const namedTypes = new Set([
  "docker:index/network:Network",
  "docker:index/serviceConfig:ServiceConfig",
  "docker:index/secret:Secret",
]);

/** Services that an export records, and those of them that wait to be removed. */
export interface StateServices {
  services: ServiceView[];
  deleting: { name: string; urn: string }[];
}

/** Names of networks, configs and secrets by the ids that Swarm gave them, over all exports: a stack refers to what another made by id. */
export function namesById(exports: readonly PulumiExport[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { resources } of exports)
    for (const resource of resources) {
      if (!namedTypes.has(resource.type) || !resource.id) continue;
      const name = nameOf(resource);
      if (name !== undefined) names.set(resource.id, name);
    }
  return names;
}

/** Every service of an export, field by field. */
export function stateServices(state: PulumiExport, names: ReadonlyMap<string, string>): StateServices {
  const services: ServiceView[] = [];
  const deleting: StateServices["deleting"] = [];
  for (const resource of state.resources) {
    if (resource.type !== serviceType) continue;
    const name = nameOf(resource) ?? resource.urn.split("::").at(-1) ?? resource.urn;
    if (resource.delete) deleting.push({ name, urn: resource.urn });
    else services.push(serviceView(name, resource, names));
  }
  return { services, deleting };
}

function nameOf({ inputs, outputs }: StateResource): string | undefined {
  const [recorded, asked] = [at(plainValue(outputs ?? {}), "name"), at(plainValue(inputs ?? {}), "name")];
  return typeof recorded === "string" ? recorded : typeof asked === "string" ? asked : undefined;
}

/** What the program asked for, where that was recorded; what the provider answered has defaults of its own mixed in. */
function serviceView(name: string, { inputs, outputs }: StateResource, names: ReadonlyMap<string, string>): ServiceView {
  const asked = plainValue(inputs ?? {});
  const spec = at(asked, "taskSpec") === undefined ? plainValue(outputs ?? {}) : asked;
  const read = new Reader(name, spec);
  const container = ["taskSpec", "containerSpec"];
  const task = (...path: string[]) => ["taskSpec", ...path];
  read.text("image", [...container, "image"]);
  read.words("command", [...container, "command"]);
  read.words("arguments", [...container, "args"]);
  read.table("environment ", [...container, "env"]);
  read.text("user", [...container, "user"]);
  read.text("host name", [...container, "hostname"]);
  read.text("working directory", [...container, "dir"]);
  read.entries("hosts", [...container, "hosts"], (entry) => `${text(entry.ip)} ${text(entry.host)}`);
  networks(read, names);
  read.each("mount ", [...container, "mounts"], "target", (entry) =>
    mountText({ type: text(entry.type) || "volume", source: text(entry.source), readOnly: entry.readOnly === true }),
  );
  read.files("config ", [...container, "configs"], "config", names);
  read.files("secret file ", [...container, "secrets"], "secret", names);
  labels(read);
  read.words("health check", [...container, "healthcheck", "tests"]);
  read.duration("health check interval", [...container, "healthcheck", "interval"]);
  read.duration("health check timeout", [...container, "healthcheck", "timeout"]);
  read.duration("health check start period", [...container, "healthcheck", "startPeriod"]);
  read.number("health check retries", [...container, "healthcheck", "retries"]);
  read.text("endpoint mode", ["endpointSpec", "mode"], "vip");
  read.entries("published ports", ["endpointSpec", "ports"], (entry) =>
    portText({
      published: whole(entry.publishedPort),
      target: whole(entry.targetPort),
      protocol: text(entry.protocol) || "tcp",
      mode: text(entry.publishMode) || "ingress",
    }),
  );
  read.names("placement", task("placement", "constraints"));
  read.number("most replicas of a node", task("placement", "maxReplicas"));
  read.entries("platforms", task("placement", "platforms"), (entry) => `${text(entry.os)}/${text(entry.architecture)}`);
  read.text("log driver", task("logDriver", "name"));
  read.table("log option ", task("logDriver", "options"));
  const global = at(spec, "mode", "global");
  if (global === true) read.write.text("mode", "global");
  else read.count("replicas", ["mode", "replicated", "replicas"], 1);
  read.number("memory limit", task("resources", "limits", "memoryBytes"));
  read.number("CPU limit", task("resources", "limits", "nanoCpus"));
  read.number("memory reservation", task("resources", "reservation", "memoryBytes"));
  read.number("CPU reservation", task("resources", "reservation", "nanoCpus"));
  read.text("restart condition", task("restartPolicy", "condition"), "any");
  read.duration("restart delay", task("restartPolicy", "delay"), 5e9);
  read.duration("stop grace period", [...container, "stopGracePeriod"], 10e9);
  return read.write.view;
}

/** Networks by name; the provider takes ids too, and one that no export names makes the field unknown. */
function networks(read: Reader, names: ReadonlyMap<string, string>): void {
  const advanced = read.at("taskSpec", "networksAdvanceds");
  const value = advanced === undefined ? read.at("taskSpec", "networks") : advanced;
  if (value instanceof Unknowable) read.write.opaque("networks");
  if (!Array.isArray(value)) return;
  const all = value.map((one) => (typeof one === "string" ? one : at(one, "name")));
  const known = all.flatMap((one) => {
    if (typeof one !== "string") return [];
    const name = names.get(one) ?? one;
    return isId(name) ? [] : [plainName(name)];
  });
  if (known.length < all.length) read.write.opaque("networks");
  else read.write.names("networks", known);
}

/** Labels are recorded as a list of pairs. */
function labels(read: Reader): void {
  const value = read.at("labels");
  if (value instanceof Unknowable) read.write.opaque("label ");
  for (const pair of Array.isArray(value) ? value : []) {
    const [name, held] = [at(pair, "label"), at(pair, "value")];
    if (typeof name !== "string") continue;
    if (held instanceof Unknowable) read.write.secret(`label ${name}`);
    else read.write.text(`label ${name}`, text(held));
  }
}

/** Swarm's own ids: 25 letters and digits. */
function isId(name: string): boolean {
  return /^[a-z0-9]{25}$/.test(name);
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

function whole(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

const unitNs: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };

/** A duration as Go writes it, "1m30s", in nanoseconds; anything else is none. */
function durationNs(value: unknown): number | undefined {
  if (typeof value !== "string" || value.length > 60) return undefined;
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join("") !== value) return undefined;
  return parts.reduce((sum, part) => sum + Number(part[1]) * (unitNs[part[2] ?? ""] ?? 0), 0);
}

type Entry = Record<string, unknown>;

/** Takes fields out of a recorded service; whatever is in the way of one makes that field unknown, and nothing throws. */
class Reader {
  readonly write: ViewWriter;
  readonly #spec: unknown;

  constructor(name: string, spec: unknown) {
    this.write = new ViewWriter(name);
    this.#spec = spec;
  }

  at(...path: string[]): unknown {
    return at(this.#spec, ...path);
  }

  text(field: string, path: string[], unset?: string): void {
    const value = this.at(...path);
    if (value instanceof Unknowable) this.#unknown(field, path);
    else this.write.text(field, text(value), unset === undefined ? {} : { default: unset });
  }

  number(field: string, path: string[]): void {
    const value = this.at(...path);
    if (value instanceof Unknowable) this.#unknown(field, path);
    else this.write.number(field, whole(value));
  }

  count(field: string, path: string[], unset: number): void {
    const value = this.at(...path);
    if (value instanceof Unknowable) this.#unknown(field, path);
    else this.write.count(field, typeof value === "number" ? value : undefined, { default: unset });
  }

  duration(field: string, path: string[], unset?: number): void {
    const value = this.at(...path);
    if (value instanceof Unknowable) this.#unknown(field, path);
    else this.write.duration(field, durationNs(value), unset === undefined ? {} : { default: unset });
  }

  words(field: string, path: string[]): void {
    const list = this.#texts(field, path);
    if (list) this.write.words(field, list);
  }

  names(field: string, path: string[]): void {
    const list = this.#texts(field, path);
    if (list) this.write.names(field, list);
  }

  /** A map of texts; secret as a whole or one by one. */
  table(prefix: string, path: string[]): void {
    const value = this.at(...path);
    if (value instanceof Unknowable) this.write.opaque(prefix);
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Unknowable) return;
    for (const [name, held] of Object.entries(value)) {
      if (held instanceof Unknowable) this.write.secret(`${prefix}${name}`);
      else this.write.text(`${prefix}${name}`, text(held));
    }
  }

  /** A list of objects whose order says nothing, as one field. */
  entries(field: string, path: string[], say: (entry: Entry) => string): void {
    const list = this.#objects(field, path);
    if (list) this.write.names(field, list.map(say));
  }

  /** A list of objects, one field each, named by one of their keys. */
  each(prefix: string, path: string[], key: string, say: (entry: Entry) => string): void {
    for (const entry of this.#objects(prefix, path) ?? []) {
      const name = entry[key];
      if (typeof name === "string") this.write.text(`${prefix}${name}`, say(entry));
      else this.write.opaque(prefix);
    }
  }

  /** Files of a service: by the name of what they are made from, or by its id. */
  files(prefix: string, path: string[], kind: "config" | "secret", names: ReadonlyMap<string, string>): void {
    for (const entry of this.#objects(prefix, path) ?? []) {
      const target = entry.fileName;
      const id = text(entry[`${kind}Id`]);
      const name = text(entry[`${kind}Name`]) || names.get(id) || id;
      if (typeof target !== "string") this.write.opaque(prefix);
      else if (name === "") this.write.opaque(`${prefix}${target}`);
      else {
        const mode = modeText(whole(entry.fileMode) || undefined);
        this.write.text(`${prefix}${target}`, `${plainName(name)}${mode}`, { also: id === "" ? [] : [`${id}${mode}`] });
      }
    }
  }

  #texts(field: string, path: string[]): string[] | undefined {
    const value = this.at(...path);
    if (value instanceof Unknowable || (Array.isArray(value) && value.some((one) => one instanceof Unknowable))) {
      this.#unknown(field, path);
      return undefined;
    }
    return Array.isArray(value) ? value.map(text) : undefined;
  }

  /** Objects of a list; one that holds something unknowable makes the whole field so. */
  #objects(field: string, path: string[]): Entry[] | undefined {
    const value = this.at(...path);
    if (value instanceof Unknowable) {
      this.write.opaque(field);
      return undefined;
    }
    if (!Array.isArray(value)) return undefined;
    const objects = value.filter((one): one is Entry => typeof one === "object" && one !== null && !Array.isArray(one));
    const clear = objects.filter(
      (one) => !(one instanceof Unknowable) && !Object.values(one).some((held) => held instanceof Unknowable),
    );
    if (clear.length < value.length) this.write.opaque(field);
    return clear;
  }

  /** A field that is itself a secret is there; one that lies inside a secret may be. */
  #unknown(field: string, path: string[]): void {
    const holder = this.at(...path.slice(0, -1));
    if (holder instanceof Unknowable) this.write.opaque(field);
    else this.write.secret(field);
  }
}
