import type { DefinedService, FileReference, Healthcheck, LogDriver, Mount, PublishedPort, Resources } from "../types.ts";
import { nanoseconds } from "./duration.ts";
import { fields, flag, list, number, text, textRecord, texts } from "./values.ts";

/** What a service's fields refer to: ids of what was registered, by Swarm's names. */
export interface Names {
  /** An id that nothing registered stays as it is. */
  network: (id: string) => string;
  config: (id: string) => string;
  secret: (id: string) => string;
  volume: (id: string) => string;
}

/** A field that a candidate cannot say. */
export interface Unsaid {
  field: string;
  value: string;
}

/**
 * A `docker.Service` in the shape of a candidate.
 *
 * @param inputs its inputs without marks
 * @param unsaid is told every field that is lost
 */
export function serviceOf(
  inputs: Record<string, unknown>,
  given: { name: string; stack: string; place: string },
  names: Names,
  unsaid: (lost: Unsaid) => void,
): DefinedService {
  const task = fields(inputs.taskSpec);
  const container = fields(task.containerSpec);
  const placement = fields(task.placement);
  const endpoint = fields(inputs.endpointSpec);
  const mode = fields(inputs.mode);
  const resources = fields(task.resources);
  const restart = fields(task.restartPolicy);
  const lose = (at: Record<string, unknown>, path: string, keys: readonly string[]) => {
    for (const key of keys) if (saysSomething(at[key])) unsaid({ field: `${path}${key}`, value: JSON.stringify(at[key]) });
  };
  lose(container, "taskSpec.containerSpec.", [
    "capAdds",
    "capDrops",
    "dnsConfig",
    "groups",
    "isolation",
    "labels",
    "privileges",
    "readOnly",
    "stopSignal",
    "sysctl",
  ]);
  lose(task, "taskSpec.", ["runtime"]);
  lose(placement, "taskSpec.placement.", ["prefs"]);
  lose(restart, "taskSpec.restartPolicy.", ["maxAttempts", "window"]);
  lose(inputs, "", ["updateConfig", "rollbackConfig"]);
  lose(fields(resources.reservation), "taskSpec.resources.reservation.", ["genericResources"]);

  const time = (value: unknown, field: string): number | undefined => {
    const written = text(value);
    if (written === undefined) return undefined;
    const found = nanoseconds(written);
    if (found === undefined) unsaid({ field, value: written });
    return found;
  };
  const files = (entries: unknown, kind: "config" | "secret"): FileReference[] =>
    list(entries).map((entry) => {
      const at = fields(entry);
      const fileMode = number(at.fileMode);
      const owner = [text(at.fileUid), text(at.fileGid)].filter((id) => id !== undefined && id !== "0");
      const file = text(at.fileName) ?? "";
      if (owner.length > 0) unsaid({ field: `taskSpec.containerSpec.${kind}s ${file} owner`, value: owner.join(":") });
      return {
        source: names[kind](text(at[`${kind}Id`]) ?? text(at[`${kind}Name`]) ?? ""),
        target: file,
        ...(fileMode === undefined ? {} : { mode: fileMode }),
      };
    });

  const networks: string[] = [];
  const aliases: Record<string, string[]> = {};
  for (const entry of list(task.networksAdvanceds)) {
    const at = fields(entry);
    const network = names.network(text(at.name) ?? "");
    if (!networks.includes(network)) networks.push(network);
    const further = texts(at.aliases);
    if (further.length > 0) aliases[network] = further;
    lose(at, "taskSpec.networksAdvanceds.", ["driverOpts"]);
  }
  const labels: Record<string, string> = {};
  for (const entry of list(inputs.labels)) {
    const label = text(fields(entry).label);
    if (label !== undefined) labels[label] = text(fields(entry).value) ?? "";
  }
  const hosts = list(container.hosts).map((entry) => `${text(fields(entry).ip) ?? ""} ${text(fields(entry).host) ?? ""}`);
  const command = texts(container.commands);
  const args = texts(container.args);
  const maxReplicas = number(placement.maxReplicas);
  const platforms = list(placement.platforms).map((entry) => ({
    architecture: text(fields(entry).architecture) ?? "",
    os: text(fields(entry).os) ?? "",
  }));
  const replicas = number(fields(mode.replicated).replicas);
  const limits = resourcesOf(resources.limits);
  const reservations = resourcesOf(resources.reservation);
  const stopGraceNs = time(container.stopGracePeriod, "taskSpec.containerSpec.stopGracePeriod");
  const healthcheck = healthcheckOf(fields(container.healthcheck), time);
  const logDriver = logDriverOf(fields(task.logDriver));
  const condition = text(restart.condition);
  const delayNs = time(restart.delay, "taskSpec.restartPolicy.delay");
  const optional = <K extends string, V>(key: K, value: V | undefined) =>
    (value === undefined ? {} : { [key]: value }) as { [key in K]?: V };
  return {
    name: given.name,
    stack: given.stack,
    place: given.place,
    image: text(container.image) ?? "",
    ...(command.length > 0 ? { command } : {}),
    ...(args.length > 0 ? { args } : {}),
    env: textRecord(container.env),
    ...optional("user", text(container.user)),
    ...optional("hostname", text(container.hostname)),
    ...optional("workdir", text(container.dir)),
    ...(hosts.length > 0 ? { hosts } : {}),
    networks,
    ...(Object.keys(aliases).length > 0 ? { aliases } : {}),
    mounts: list(container.mounts).map((entry) => mountOf(fields(entry), names, unsaid)),
    configs: files(container.configs, "config"),
    secrets: files(container.secrets, "secret"),
    labels,
    ...optional("healthcheck", healthcheck),
    endpointMode: text(endpoint.mode) === "dnsrr" ? "dnsrr" : "vip",
    ports: list(endpoint.ports).map((entry) => portOf(fields(entry))),
    placement: {
      constraints: texts(placement.constraints),
      ...optional("maxReplicas", maxReplicas),
      ...(platforms.length > 0 ? { platforms } : {}),
    },
    ...optional("logDriver", logDriver),
    global: flag(mode.global),
    ...optional("replicas", replicas),
    ...optional("limits", limits),
    ...optional("reservations", reservations),
    ...optional("stopGraceNs", stopGraceNs),
    ...(condition === undefined && delayNs === undefined
      ? {}
      : { restart: { condition: conditionOf(condition), ...optional("delayNs", delayNs) } }),
  };
}

const saysSomething = (value: unknown): boolean =>
  value !== undefined &&
  value !== null &&
  value !== "" &&
  value !== false &&
  value !== 0 &&
  !(typeof value === "object" && Object.values(value).every((each) => !saysSomething(each) && each !== 0));

const conditionOf = (condition: string | undefined): "none" | "on-failure" | "any" =>
  condition === "none" || condition === "on-failure" ? condition : "any";

function resourcesOf(value: unknown): Resources | undefined {
  const memoryBytes = number(fields(value).memoryBytes);
  const nanoCpus = number(fields(value).nanoCpus);
  if (!memoryBytes && !nanoCpus) return undefined;
  return { ...(memoryBytes ? { memoryBytes } : {}), ...(nanoCpus ? { nanoCpus } : {}) };
}

function healthcheckOf(
  at: Record<string, unknown>,
  time: (value: unknown, field: string) => number | undefined,
): Healthcheck | undefined {
  const test = texts(at.tests);
  if (test.length === 0) return undefined;
  const path = "taskSpec.containerSpec.healthcheck.";
  // 0 is Swarm's word for "as Docker has it by default".
  return {
    test,
    intervalNs: time(at.interval, `${path}interval`) ?? 0,
    timeoutNs: time(at.timeout, `${path}timeout`) ?? 0,
    retries: number(at.retries) ?? 0,
    startPeriodNs: time(at.startPeriod, `${path}startPeriod`) ?? 0,
  };
}

function logDriverOf(at: Record<string, unknown>): LogDriver | undefined {
  const name = text(at.name);
  return name === undefined ? undefined : { name, options: textRecord(at.options) };
}

function mountOf(at: Record<string, unknown>, names: Names, unsaid: (lost: Unsaid) => void): Mount {
  const type = text(at.type) ?? "volume";
  const target = text(at.target) ?? "";
  for (const key of ["bindOptions", "tmpfsOptions", "volumeOptions"])
    if (saysSomething(at[key]))
      unsaid({ field: `taskSpec.containerSpec.mounts ${target} ${key}`, value: JSON.stringify(at[key]) });
  const source = text(at.source) ?? "";
  if (type === "bind" || type === "tmpfs")
    return { type, source: type === "tmpfs" ? "" : source, target, readOnly: flag(at.readOnly) };
  if (type !== "volume") unsaid({ field: `taskSpec.containerSpec.mounts ${target} type`, value: type });
  return { type: "volume", source: names.volume(source), target, readOnly: flag(at.readOnly) };
}

function portOf(at: Record<string, unknown>): PublishedPort {
  return {
    published: number(at.publishedPort) ?? 0,
    target: number(at.targetPort) ?? 0,
    protocol: text(at.protocol) === "udp" ? "udp" : "tcp",
    mode: text(at.publishMode) === "host" ? "host" : "ingress",
  };
}
