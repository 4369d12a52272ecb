import { posix, relative, resolve, sep } from "node:path";
import type { Substitution } from "../../history/events.ts";
import type { CandidateConfig, CandidateNetwork, CandidateSecret, CandidateVolume } from "../types.ts";
import { isCredential } from "./credential.ts";
import type { Path, PlainMap } from "./document.ts";
import { lost } from "./prepare.ts";
import { isInside, readConfigFile } from "./read-text.ts";
import type { Names } from "./service.ts";
import { defaultNetwork } from "./service.ts";
import { isMap, list, map } from "./shape.ts";
import type { Sources } from "./sources.ts";
import { Values } from "./values.ts";

/** What a stack defines beside its services, under Swarm's names. */
export interface Defined {
  names: Names;
  networks: CandidateNetwork[];
  volumes: CandidateVolume[];
  configs: CandidateConfig[];
  secrets: CandidateSecret[];
}

interface Scene {
  sources: Sources;
  differences: Substitution[];
  /** Folder of the first stack file: relative paths start there, whichever file has them, as with Docker. */
  folder: string;
  root: string;
}

/** Networks that Docker itself has on every node. */
const ownNetworks = ["host", "none", "bridge", "ingress", "docker_gwbridge"];
const plainSecret = { length: 32, alphabet: "alphanumeric" } as const;

/**
 * Networks, volumes, configs and secrets of a merged stack. The stack's name, which Docker puts before names, is left out: the file does not say it.
 *
 * A network or volume that is `external` is one that another stack or a person made before; the replica makes it, as a difference. A config or secret that is `external`
 * stays a name that nothing creates: what is in it is in no file. Files of secrets are never opened.
 *
 * Errors: E_COMPOSE_UNSUPPORTED, E_COMPOSE_VALUE, E_COMPOSE_VARIABLE and those of `readConfigFile`.
 */
export async function resourcesOf(stack: PlainMap, scene: Scene): Promise<Defined> {
  const networks = networksOf(section(stack, "networks"), usesDefault(stack), scene);
  const volumes = volumesOf(section(stack, "volumes"), scene);
  const configs = await configsOf(section(stack, "configs"), scene);
  const secrets = secretsOf(section(stack, "secrets"), scene);
  return {
    names: { networks: networks.names, volumes: volumes.names, configs: configs.names, secrets: secrets.names },
    networks: networks.made,
    volumes: volumes.made,
    configs: configs.made,
    secrets: secrets.made,
  };
}

function section(stack: PlainMap, key: string): [string, PlainMap][] {
  const all = stack[key];
  return isMap(all) ? Object.entries(all).map(([name, value]) => [name, isMap(value) ? value : map()]) : [];
}

function usesDefault(stack: PlainMap): boolean {
  const services = isMap(stack.services) ? Object.values(stack.services) : [];
  return services.some((service) => isMap(service) && (!isMap(service.networks) || Object.keys(service.networks).length === 0));
}

/** Swarm's name: `name`, the old `external.name`, or the key. */
function nameOf(key: string, value: PlainMap): string {
  const old = isMap(value.external) ? value.external.name : undefined;
  return String(value.name ?? old ?? key);
}

function isExternal(value: PlainMap, path: Path, sources: Sources): boolean {
  return isMap(value.external) || new Values(sources).flag(value.external, [...path, "external"]);
}

function networksOf(all: [string, PlainMap][], needsDefault: boolean, { sources, differences }: Scene) {
  const values = new Values(sources);
  const names = new Map<string, string>();
  const made = new Map<string, CandidateNetwork>();
  const own = new Map<string, string>();
  const missing: { key: string; name: string; place: string }[] = [];
  const entries: [string, PlainMap][] =
    needsDefault && !all.some(([key]) => key === defaultNetwork) ? [...all, [defaultNetwork, map()]] : all;
  for (const [key, network] of entries) {
    const path = ["networks", key];
    const written = nameOf(key, network);
    // The stack's name before it keeps a network that is called like one of Docker's own from being it.
    const plain = network.name === undefined && !isExternal(network, path, sources);
    const name = plain && ownNetworks.includes(written) ? `stack_${written}` : written;
    names.set(key, name);
    const { place } = sources.place(path);
    const driver = values.text(network.driver) ?? "overlay";
    if (ownNetworks.includes(name) || driver !== "overlay")
      throw sources.fail(
        path,
        "E_COMPOSE_UNSUPPORTED",
        `should be an overlay network but is ${driver === "overlay" ? `Docker's own network "${name}"` : `a "${driver}" network`}`,
        "Remove its driver: Swarm's services are on overlay networks.",
      );
    if (isExternal(network, path, sources)) {
      missing.push({ key, name, place });
      continue;
    }
    const options = isMap(network.driver_opts) ? network.driver_opts : map();
    const ipam = isMap(network.ipam) ? network.ipam : map();
    const [pool, ...further] = list(ipam.config).filter(isMap);
    const subject = `network:${name}`;
    for (const [option, value] of Object.entries(options))
      if (option !== "encrypted") differences.push(lost(subject, `driver_opts.${option}`, value, unsaid));
    for (const [option, value] of Object.entries(pool ?? {}))
      if (option !== "subnet") differences.push(lost(subject, `ipam.config.${option}`, value, unsaid));
    if (further.length > 0) differences.push(lost(subject, "ipam.config beyond the first", further, unsaid));
    for (const option of ["enable_ipv4", "enable_ipv6", "labels"])
      if (network[option] !== undefined) differences.push(lost(subject, option, network[option], unsaid));
    const subnet = values.text(pool?.subnet);
    own.set(key, name);
    made.set(name, {
      name,
      driver: "overlay",
      ...(values.flag(network.internal, [...path, "internal"]) ? { internal: true } : {}),
      ...(values.flag(network.attachable, [...path, "attachable"]) ? { attachable: true } : {}),
      ...(options.encrypted !== undefined && String(options.encrypted) !== "false" ? { encrypted: true } : {}),
      ...(subnet ? { subnet } : {}),
      place,
    });
  }
  for (const { key, name, place } of missing) {
    if (made.has(name)) continue;
    // Another stack's network has that stack's name before it, which no file says: "layer1_ingress" is the "ingress" of a file given as well.
    const short = name.slice(name.indexOf("_") + 1);
    const found = own.get(short);
    if (found !== undefined) {
      names.set(key, found);
      continue;
    }
    made.set(name, { name, driver: "overlay", place });
    differences.push(elsewhere(`network:${name}`, "a network", "an overlay network that the replica makes"));
  }
  return { names, made: [...made.values()] };
}

const unsaid = "A candidate has no place for it, so the replica does without";

function elsewhere(subject: string, asked: string, got: string): Substitution {
  return {
    subject,
    kind: "host-resource",
    asked: `${asked} that was made before`,
    got,
    why: "The stack says `external`",
    hides: [],
  };
}

function volumesOf(all: [string, PlainMap][], { sources, differences }: Scene) {
  const names = new Map<string, string>();
  const made = new Map<string, CandidateVolume>();
  const missing: { name: string; place: string }[] = [];
  for (const [key, volume] of all) {
    const path = ["volumes", key];
    const name = nameOf(key, volume);
    names.set(key, name);
    const { place } = sources.place(path);
    if (isExternal(volume, path, sources)) {
      missing.push({ name, place });
      continue;
    }
    if (volume.labels !== undefined) differences.push(lost(`volume:${name}`, "labels", volume.labels, unsaid));
    const options = isMap(volume.driver_opts) ? Object.entries(volume.driver_opts) : [];
    made.set(name, {
      name,
      driver: String(volume.driver ?? "local"),
      driverOpts: Object.fromEntries(options.map(([option, value]) => [option, String(value)])),
      place,
    });
  }
  for (const { name, place } of missing) {
    if (made.has(name)) continue;
    made.set(name, { name, driver: "local", driverOpts: {}, place });
    differences.push(elsewhere(`volume:${name}`, "a volume", "an empty local volume that the replica makes"));
  }
  return { names, made: [...made.values()] };
}

async function configsOf(all: [string, PlainMap][], { sources, differences, folder, root }: Scene) {
  const names = new Map<string, string>();
  const made: CandidateConfig[] = [];
  for (const [key, config] of all) {
    const path = ["configs", key];
    const name = nameOf(key, config);
    names.set(key, name);
    if (isExternal(config, path, sources)) continue;
    for (const option of ["template_driver", "labels"])
      if (config[option] !== undefined) differences.push(lost(`config:${name}`, option, config[option], unsaid));
    made.push({ name, content: await contentOf(config, path, { sources, folder, root }), place: sources.place(path).place });
  }
  return { names, made };
}

async function contentOf(config: PlainMap, path: Path, { sources, folder, root }: Pick<Scene, "sources" | "folder" | "root">) {
  const given = ["file", "content", "environment"].filter((key) => config[key] !== undefined && config[key] !== null);
  if (given.length !== 1)
    throw sources.fail(
      path,
      "E_COMPOSE_VALUE",
      `should have exactly one of file, content, environment and external but has ${given.length > 0 ? given.join(" and ") : "none"}`,
      "Say once what the config holds.",
    );
  if (given[0] === "content") return String(config.content);
  if (given[0] === "file") {
    const written = String(config.file);
    const at = [...path, "file"];
    return await readConfigFile(resolve(folder, written), root, `${sources.at(at)}: ${at.join(".")}`, written);
  }
  const variable = String(config.environment);
  if (isCredential(variable) && /^\w+$/.test(variable)) return `\${secret:${variable}}`;
  throw sources.fail(
    [...path, "environment"],
    "E_COMPOSE_VARIABLE",
    `should name a variable with a value but nothing sets ${variable}`,
    "Write what it holds under `content:` or in a file: no environment is read.",
  );
}

function secretsOf(all: [string, PlainMap][], { sources, differences }: Scene) {
  const names = new Map<string, string>();
  const made: CandidateSecret[] = [];
  for (const [key, secret] of all) {
    const path = ["secrets", key];
    const name = nameOf(key, secret);
    names.set(key, name);
    const shape = isMap(secret["x-sprocket-resilience"]) ? secret["x-sprocket-resilience"] : undefined;
    if (isExternal(secret, path, sources) && !shape) continue;
    for (const option of ["driver", "driver_opts", "template_driver", "labels"])
      if (secret[option] !== undefined) differences.push(lost(`secret:${name}`, option, secret[option], unsaid));
    // Docker replaces variables here too, so the text is written as it wants it; keys with x- are not filled when a stack file is prepared.
    const content = new Values(sources).text(shape?.content)?.replaceAll("$$", () => "$");
    made.push({
      name,
      shape: shape ? shapeOf(shape, path, sources) : plainSecret,
      ...(content === undefined ? {} : { content }),
      place: sources.place(path).place,
    });
  }
  return { names, made };
}

function shapeOf(shape: PlainMap, path: Path, sources: Sources): CandidateSecret["shape"] {
  const values = new Values(sources);
  const at = [...path, "x-sprocket-resilience"];
  return {
    length: values.integer(shape.length, [...at, "length"], 1, 4096) ?? plainSecret.length,
    alphabet: values.word(shape.alphabet, [...at, "alphabet"], ["alphanumeric", "hex"]) ?? plainSecret.alphabet,
  };
}

/** A path of a stack file below the candidate's folder, with forward slashes. Errors: E_COMPOSE_OUTSIDE. */
export function insideOf(
  written: string,
  at: Path,
  { sources, folder, root }: Pick<Scene, "sources" | "folder" | "root">,
): string {
  const path = resolve(folder, written);
  if (isInside(path, root)) return posix.join("/", relative(root, path).split(sep).join("/"));
  throw sources.fail(
    at,
    "E_COMPOSE_OUTSIDE",
    `should bind a path in the folder of the candidate but "${written}" lies outside`,
    "Write an absolute path of the node, or name a folder that holds both as the candidate.",
  );
}
