import { isAbsolute, posix } from "node:path";
import { split } from "shlex";
import type { Substitution, Tier } from "../../history/events.ts";
import { checkoutFolder } from "../bound-files.ts";
import type { DefinedService, FileReference, Healthcheck, Mount, PublishedPort, Resources } from "../types.ts";
import { isCredential } from "./credential.ts";
import type { Path, Plain, PlainMap } from "./document.ts";
import { lost } from "./prepare.ts";
import { isMap, list, map } from "./shape.ts";
import type { Sources } from "./sources.ts";
import { Values } from "./values.ts";

/** What services refer to: the file's keys → Swarm's names. */
export interface Names {
  networks: ReadonlyMap<string, string>;
  volumes: ReadonlyMap<string, string>;
  configs: ReadonlyMap<string, string>;
  secrets: ReadonlyMap<string, string>;
}

/** Network of services that name none; `docker stack deploy` makes it. */
export const defaultNetwork = "default";

interface Scene {
  sources: Sources;
  names: Names;
  /** A path of the stack file as it is under `/checkout`, or an error when it lies outside the candidate's folder. */
  inside: (path: string, at: Path) => string;
  differences: Substitution[];
}

/**
 * One service, merged and in one shape, as Swarm gets it from `docker stack deploy`: `entrypoint` is Swarm's command, `command` its arguments, `deploy.labels` its labels.
 *
 * Errors: E_COMPOSE_IMAGE, E_COMPOSE_NETWORK, E_COMPOSE_VOLUME, E_COMPOSE_CONFIG, E_COMPOSE_SECRET, E_COMPOSE_OUTSIDE and those of `Values`.
 */
export function serviceOf(name: string, service: PlainMap, scene: Scene): DefinedService {
  const { sources, differences } = scene;
  const path = ["services", name];
  const values = new Values(sources);
  const image = values.text(service.image);
  if (!image)
    throw sources.fail(
      path,
      "E_COMPOSE_IMAGE",
      "should name an image but has none",
      "Add `image:`; a stack is deployed from images, and nothing is built.",
    );
  const lose = (
    field: string,
    value: Plain | undefined,
    why = "A candidate has no place for it, so the replica does without",
  ) => {
    if (value !== undefined && value !== null) differences.push(lost(`service:${name}`, field, value, why));
  };
  const command = words(service.entrypoint, [...path, "entrypoint"], sources);
  const args = words(service.command, [...path, "command"], sources);
  const deploy = isMap(service.deploy) ? service.deploy : map();
  const at = [...path, "deploy"];
  const placement = isMap(deploy.placement) ? deploy.placement : map();
  const extra = isMap(service["x-sprocket-resilience"]) ? service["x-sprocket-resilience"] : map();
  for (const key of ["update_config", "rollback_config"]) lose(`deploy.${key}`, deploy[key]);
  lose("deploy.placement.preferences", placement.preferences);
  const mode = values.word(deploy.mode, [...at, "mode"], ["replicated", "global"]);
  const maxReplicas = values.integer(placement.max_replicas_per_node, [...at, "placement", "max_replicas_per_node"]);
  const resources = isMap(deploy.resources) ? deploy.resources : map();
  const tier = values.word(extra.tier, [...path, "x-sprocket-resilience", "tier"], [
    "layer1",
    "layer2",
    "platform",
  ] satisfies Tier[]);
  const platforms = list(extra.platforms)
    .filter(isMap)
    .map((one) => ({ architecture: String(one.architecture ?? ""), os: String(one.os ?? "") }));
  const networks = networksOf(service, path, scene, lose);
  const hosts = list(service.extra_hosts).map((one) => hostLine(String(one), [...path, "extra_hosts"], sources));
  const { file, place } = sources.place(path);
  const fields = {
    command: command.length > 0 ? command : undefined,
    args: args.length > 0 ? args : undefined,
    user: values.text(service.user),
    hostname: values.text(service.hostname),
    workdir: values.text(service.working_dir),
    hosts: hosts.length > 0 ? hosts : undefined,
    aliases: Object.keys(networks.aliases).length > 0 ? networks.aliases : undefined,
    healthcheck: healthcheckOf(service.healthcheck, [...path, "healthcheck"], sources, lose),
    logDriver: logDriverOf(service.logging),
    replicas: values.integer(deploy.replicas, [...at, "replicas"]),
    limits: resourcesOf(resources.limits, [...at, "resources", "limits"], values, (key, value) =>
      lose(`deploy.resources.limits.${key}`, value),
    ),
    reservations: resourcesOf(resources.reservations, [...at, "resources", "reservations"], values, (key, value) =>
      lose(`deploy.resources.reservations.${key}`, value),
    ),
    digestAtDeploy: values.flag(extra.digestAtDeploy, [...path, "x-sprocket-resilience", "digestAtDeploy"]) || undefined,
    stopGraceNs: values.duration(service.stop_grace_period, [...path, "stop_grace_period"]),
    restart: restartOf(service, path, values, lose),
    tier,
  };
  const defined: DefinedService = {
    name,
    stack: values.text(extra.stack) ?? file,
    place,
    image,
    env: environmentOf(service.environment, lose),
    networks: networks.networks,
    mounts: mountsOf(service, path, scene, lose),
    configs: filesOf(service.configs, "configs", path, scene, lose),
    secrets: filesOf(service.secrets, "secrets", path, scene, lose),
    labels: texts(deploy.labels),
    endpointMode: values.word(deploy.endpoint_mode, [...at, "endpoint_mode"], ["vip", "dnsrr"]) ?? "vip",
    ports: portsOf(service.ports, [...path, "ports"], values, lose),
    placement: {
      constraints: list(placement.constraints).map(String),
      ...(maxReplicas ? { maxReplicas } : {}),
      ...(platforms.length > 0 ? { platforms } : {}),
    },
    global: mode === "global",
  };
  return Object.assign(defined, Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}

type Lose = (field: string, value: Plain | undefined, why?: string) => void;

/** A list as it is, a string split as a shell splits it. */
function words(value: Plain | undefined, path: Path, sources: Sources): string[] {
  if (typeof value !== "string") return list(value).map(String);
  try {
    return split(value);
  } catch {
    throw sources.fail(
      path,
      "E_COMPOSE_VALUE",
      "should be words as a shell reads them but a quote does not end",
      "Close the quote, or write a list.",
    );
  }
}

/** A record that holds any key safely. */
function record<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  return Object.fromEntries(entries);
}

function texts(value: Plain | undefined): Record<string, string> {
  return isMap(value) ? record(Object.entries(value).map(([key, inner]) => [key, inner === null ? "" : String(inner)])) : {};
}

/** A variable without a value is taken from the environment of whoever deploys, which nobody knows here: a credential is generated, another left out as Docker does. */
function environmentOf(value: Plain | undefined, lose: Lose): Record<string, string> {
  if (!isMap(value)) return {};
  const env: [string, string][] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (inner !== null) env.push([key, String(inner)]);
    else if (isCredential(key) && /^\w+$/.test(key)) env.push([key, `\${secret:${key}}`]);
    else lose(`environment.${key}`, key, "Its value is that of the deployer's own environment, which is never read");
  }
  return record(env);
}

function networksOf(service: PlainMap, path: Path, { names, sources }: Scene, lose: Lose) {
  const asked =
    isMap(service.networks) && Object.keys(service.networks).length > 0 ? service.networks : map([[defaultNetwork, null]]);
  const networks: string[] = [];
  const aliases: [string, string[]][] = [];
  for (const [key, value] of Object.entries(asked)) {
    const network = names.networks.get(key);
    if (network === undefined) throw undefinedName(sources, [...path, "networks", key], "network", key, "E_COMPOSE_NETWORK");
    if (!networks.includes(network)) networks.push(network);
    if (!isMap(value)) continue;
    const further = list(value.aliases).map(String);
    if (further.length > 0) aliases.push([network, further]);
    for (const [option, given] of Object.entries(value))
      if (option !== "aliases" && !option.startsWith("x-")) lose(`networks.${key}.${option}`, given);
  }
  return { networks, aliases: record(aliases) };
}

type NameCode = "E_COMPOSE_NETWORK" | "E_COMPOSE_VOLUME" | "E_COMPOSE_CONFIG" | "E_COMPOSE_SECRET";

function undefinedName(sources: Sources, path: Path, kind: string, name: string, code: NameCode) {
  return sources.fail(
    path,
    code,
    `should be a ${kind} that the stack defines but nothing defines "${name}"`,
    `Define it under \`${kind}s:\`, as \`external: true\` if it is made elsewhere.`,
  );
}

function mountsOf(service: PlainMap, path: Path, { names, sources, inside, differences }: Scene, lose: Lose): Mount[] {
  const values = new Values(sources);
  const mounts = list(service.volumes).map((entry, index): Mount => {
    const at = [...path, "volumes", index];
    const mount = isMap(entry) ? entry : map();
    const type = values.word(mount.type, [...at, "type"], ["volume", "bind", "tmpfs"]) ?? "volume";
    const target = values.text(mount.target);
    if (!target)
      throw sources.fail(
        at,
        "E_COMPOSE_VALUE",
        "should have a target but has none",
        "Add `target:`, an absolute path in the container.",
      );
    for (const key of ["bind", "volume", "tmpfs", "consistency", "image"]) lose(`volumes.${target}.${key}`, mount[key]);
    const written = values.text(mount.source) ?? "";
    const readOnly = values.flag(mount.read_only, [...at, "read_only"]);
    if (type === "tmpfs") return { type, source: "", target, readOnly };
    if (type === "bind") {
      if (written === "" || written.startsWith("~"))
        throw sources.fail(
          at,
          "E_COMPOSE_VALUE",
          `should bind a path of the node but binds "${written}"`,
          "Write an absolute path, or one relative to the stack file.",
        );
      if (isAbsolute(written)) return { type, source: written, target, readOnly };
      const source = posix.join(checkoutFolder, inside(written, at));
      differences.push({
        subject: `service:${service.name ?? path[1]}`,
        kind: "host-resource",
        asked: `${written} of the folder that is deployed from, at ${target}`,
        got: `${source} on the node`,
        why: "The deployer's folder is not part of a replica",
        hides: [],
      });
      return { type, source, target, readOnly };
    }
    if (written === "") return { type, source: "", target, readOnly };
    const source = names.volumes.get(written);
    if (source === undefined) throw undefinedName(sources, at, "volume", written, "E_COMPOSE_VOLUME");
    return { type, source, target, readOnly };
  });
  const memory = list(service.tmpfs).map(
    (entry): Mount => ({ type: "tmpfs", source: "", target: String(entry).split(":")[0] ?? "", readOnly: false }),
  );
  return [...mounts, ...memory];
}

/** Where Docker puts a file whose target is no absolute path. */
const folderOf = { configs: "/", secrets: "/run/secrets" } as const;

function filesOf(
  value: Plain | undefined,
  kind: "configs" | "secrets",
  path: Path,
  { names, sources }: Scene,
  lose: Lose,
): FileReference[] {
  const values = new Values(sources);
  return list(value).map((entry, index) => {
    const at = [...path, kind, index];
    const file = isMap(entry) ? entry : map([["source", entry]]);
    const key = values.text(file.source) ?? "";
    const source = names[kind].get(key);
    if (source === undefined)
      throw undefinedName(sources, at, kind.slice(0, -1), key, kind === "configs" ? "E_COMPOSE_CONFIG" : "E_COMPOSE_SECRET");
    const target = posix.resolve(folderOf[kind], values.text(file.target) ?? key);
    for (const owner of ["uid", "gid"])
      if (values.text(file[owner]) && file[owner] !== "0") lose(`${kind}.${key}.${owner}`, file[owner]);
    const mode = modeOf(file.mode, [...at, "mode"], values);
    return { source, target, ...(mode === undefined ? {} : { mode }) };
  });
}

/** A number is the mode itself; a string is octal. */
function modeOf(value: Plain | undefined, path: Path, values: Values): number | undefined {
  if (typeof value === "string" && /^0?[0-7]{1,4}$/.test(value)) return Number.parseInt(value, 8);
  return values.integer(value, path, 0, 0o7777);
}

function healthcheckOf(value: Plain | undefined, path: Path, sources: Sources, lose: Lose): Healthcheck | undefined {
  if (!isMap(value)) return undefined;
  const values = new Values(sources);
  lose("healthcheck.start_interval", value.start_interval);
  const test = values.flag(value.disable, [...path, "disable"])
    ? ["NONE"]
    : typeof value.test === "string"
      ? ["CMD-SHELL", value.test]
      : list(value.test).map(String);
  if (test.length > 0 && !["NONE", "CMD", "CMD-SHELL"].includes(test[0] as string))
    throw sources.fail(
      [...path, "test"],
      "E_COMPOSE_VALUE",
      `should begin with NONE, CMD or CMD-SHELL but begins with "${test[0]?.slice(0, 60)}"`,
      'Write ["CMD", …], or the command as one string.',
    );
  // 0 is Docker's own default.
  return {
    test,
    intervalNs: values.duration(value.interval, [...path, "interval"]) ?? 0,
    timeoutNs: values.duration(value.timeout, [...path, "timeout"]) ?? 0,
    retries: values.integer(value.retries, [...path, "retries"]) ?? 0,
    startPeriodNs: values.duration(value.start_period, [...path, "start_period"]) ?? 0,
  };
}

function logDriverOf(value: Plain | undefined) {
  if (!isMap(value) || value.driver === undefined) return undefined;
  return { name: String(value.driver), options: texts(value.options) };
}

function portsOf(value: Plain | undefined, path: Path, values: Values, lose: Lose): PublishedPort[] {
  return list(value).map((entry, index) => {
    const at = [...path, index];
    const port = isMap(entry) ? entry : map();
    const target = values.port(port.target, [...at, "target"]);
    lose(`ports.${target}.host_ip`, port.host_ip, "Swarm publishes on every address of a node; `docker stack deploy` ignores it");
    const published = values.text(port.published);
    return {
      // 0 is a port that Swarm chooses.
      published: published === undefined || published === "0" ? 0 : values.port(port.published, [...at, "published"]),
      target,
      protocol: values.word(port.protocol, [...at, "protocol"], ["tcp", "udp"]) ?? "tcp",
      mode: values.word(port.mode, [...at, "mode"], ["ingress", "host"]) ?? "ingress",
    };
  });
}

function resourcesOf(
  value: Plain | undefined,
  path: Path,
  values: Values,
  lose: (key: string, value: Plain) => void,
): Resources | undefined {
  if (!isMap(value)) return undefined;
  for (const [key, given] of Object.entries(value)) {
    if (key !== "memory" && key !== "cpus" && !key.startsWith("x-") && given !== undefined) lose(key, given);
  }
  const memoryBytes = values.bytes(value.memory, [...path, "memory"]);
  const cpus = values.cpus(value.cpus, [...path, "cpus"]);
  if (memoryBytes === undefined && cpus === undefined) return undefined;
  return { ...(memoryBytes === undefined ? {} : { memoryBytes }), ...(cpus === undefined ? {} : { nanoCpus: cpus }) };
}

/** `deploy.restart_policy`, else Compose's `restart` as `docker stack deploy` reads it; nothing is Swarm's default. */
function restartOf(service: PlainMap, path: Path, values: Values, lose: Lose): DefinedService["restart"] {
  const policy = isMap(service.deploy) && isMap(service.deploy.restart_policy) ? service.deploy.restart_policy : undefined;
  const at = [...path, "deploy", "restart_policy"];
  if (policy) {
    lose("deploy.restart_policy.max_attempts", policy.max_attempts);
    lose("deploy.restart_policy.window", policy.window);
    const delayNs = values.duration(policy.delay, [...at, "delay"]);
    const condition = values.word(policy.condition, [...at, "condition"], ["none", "on-failure", "any"]) ?? "any";
    return { condition, ...(delayNs === undefined ? {} : { delayNs }) };
  }
  const [word, attempts] = (values.text(service.restart) ?? "no").split(":");
  lose("restart attempts", attempts);
  const restart = values.word(word, [...path, "restart"], ["no", "false", "always", "unless-stopped", "on-failure"]);
  if (restart === "always" || restart === "unless-stopped") return { condition: "any" };
  return restart === "on-failure" ? { condition: "on-failure" } : undefined;
}

/** "name:address", "name=address" or "name:[address]" as a line of /etc/hosts, "address name". */
function hostLine(written: string, path: Path, sources: Sources): string {
  const match = /^([^\s:=]+)[=:]\[?([^\s[\]]+)\]?$/.exec(written);
  if (match) return `${match[2]} ${match[1]}`;
  throw sources.fail(path, "E_COMPOSE_VALUE", `should be NAME=ADDRESS but is "${written.slice(0, 60)}"`, "Correct the line.");
}
