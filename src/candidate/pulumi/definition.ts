import type { Substitution, Tier } from "../../history/events.ts";
import type { CandidateConfig, CandidateNetwork, CandidateVolume, DefinedService, Definition, Imported } from "../types.ts";
import { configPlaceholder } from "./config-placeholder.ts";
import type { Placeholder, Registration } from "./evaluation.ts";
import { partiesOf } from "./parties.ts";
import { placeOf } from "./place.ts";
import { decoded, Secrets } from "./secrets.ts";
import { type Names, serviceOf, type Unsaid } from "./service.ts";
import { fields, flag, list, text, textRecord, unmark } from "./values.ts";

/** One stack as it was evaluated. */
export interface EvaluatedStack {
  project: string;
  stack: string;
  /** Project's folder, relative to the checkout; "." for the checkout itself. */
  folder: string;
  /** Asked for; the others were only evaluated because it refers to them. */
  wanted: boolean;
  registrations: Registration[];
  /** Those of the configuration and those that providers made. */
  placeholders: Placeholder[];
  digests: Record<string, string>;
  environment: string[];
  config: Record<string, string>;
  secretKeys: string[];
  /** Placeholders that the program printed. */
  printed: string[];
}

const service = "docker:index/service:Service";
const network = "docker:index/network:Network";
const volume = "docker:index/volume:Volume";
const config = "docker:index/serviceConfig:ServiceConfig";
const secret = "docker:index/secret:Secret";

/**
 * The definition that evaluated stacks register: every service, network, volume, config and secret of the stacks that were asked for, and
 * of the others what those use. No secret value is left in it.
 *
 * @param name of the checkout
 * @param stacks in the order of evaluation
 * Errors: E_PULUMI_ENCODED.
 */
export function definitionOf(name: string, stacks: readonly EvaluatedStack[]): Imported {
  const differences: Substitution[] = [];
  const all = stacks.flatMap((each) => each.registrations);
  const placeholders = [...new Map(stacks.flatMap((each) => each.placeholders).map((each) => [each.value, each])).values()];
  const secrets = new Secrets(placeholders, stacks);
  // Before any text is searched: a provider's key that stands in clear in the program is a secret in every text.
  const parties = partiesOf(all, secrets);
  const names: Names = {
    network: byId(all, network),
    config: byId(all, config),
    secret: byId(all, secret),
    volume: byId(all, volume),
  };
  const digests = Object.assign({}, ...stacks.map((each) => each.digests)) as Record<string, string>;

  const services: DefinedService[] = [];
  for (const stack of stacks.filter((each) => each.wanted)) {
    const tier = tierOf(stack);
    for (const each of stack.registrations.filter((one) => one.type === service)) {
      const place = placeOf(stack.folder, each.urn);
      const given = { name: nameOf(each), stack: stack.project, place };
      const found = serviceOf(fields(unmark(each.inputs)), given, names, (lost) => differences.push(unsaid(given.name, lost)));
      services.push({ ...found, ...(tier && { tier }), ...imageOf(found.image, digests) });
    }
  }
  const used = usedBy(services);
  const kept = <T>(type: string, make: (registration: Registration, place: string) => T & { name: string }): T[] =>
    stacks.flatMap((stack) =>
      stack.registrations
        .filter((each) => each.type === type && (stack.wanted || used.has(`${type} ${nameOf(each)}`)))
        .map((each) => make(each, placeOf(stack.folder, each.urn))),
    );
  const networks = kept<CandidateNetwork>(network, (each, place) => {
    const { found, lost } = networkOf(each, place);
    if (lost !== undefined) differences.push(unsaid(found.name, lost, "network"));
    return found;
  });
  const volumes = kept<CandidateVolume>(volume, (each, place) => ({
    name: nameOf(each),
    driver: text(unmark(each.inputs.driver)) ?? "local",
    driverOpts: textRecord(unmark(each.inputs.driverOpts)),
    place,
  }));
  const configs = kept<CandidateConfig>(config, (each, place) => ({
    name: nameOf(each),
    content: decoded(text(unmark(each.inputs.data)) ?? ""),
    place,
  }));
  const wanted = stacks.filter((each) => each.wanted);
  const domain = domainOf(wanted);
  const definition: Definition = {
    name,
    profile: "imported",
    origin: {
      kind: "pulumi",
      stacks: wanted.map(({ project, stack, folder, printed }) => {
        const told = secrets.namesOf(printed);
        return { project, stack, folder, ...(told.length > 0 ? { printed: told } : {}) };
      }),
    },
    ...(domain === undefined ? {} : { domain }),
    ...(Object.keys(parties).length > 0 ? { parties } : {}),
    services: services.map((each) => deep(each, (value) => secrets.replace(value, `${each.place}`))),
    networks: networks.map((each) => deep(each, (value) => secrets.replace(value, `${each.place}`))),
    volumes: volumes.map((each) => deep(each, (value) => secrets.replace(value, `${each.place}`))),
    configs: configs.map((each) => deep(each, (value) => secrets.replace(value, `${each.place}`))),
    secrets: [],
  };
  if (definition.parties)
    definition.parties = deep(definition.parties, (value) => secrets.replace(value, "a provider's settings"));
  const mentioned = new Set(services.flatMap((each) => each.secrets.map(({ source }) => source)));
  const ofWanted = new Set(
    wanted
      .flatMap((each) => each.registrations)
      .filter((each) => each.type === secret)
      .map(nameOf),
  );
  const whole = JSON.stringify(definition);
  const settings = [parties.postgres?.passwordSecret, parties.s3?.accessSecret, parties.s3?.keySecret];
  const known = secrets.list();
  const own = known.filter(
    (each) =>
      ofWanted.has(each.name) ||
      mentioned.has(each.name) ||
      settings.includes(each.name) ||
      whole.includes(`\${secret:${each.name}}`),
  );
  // A secret may be made of others.
  definition.secrets = known.filter(
    (each) => own.includes(each) || own.some(({ content }) => content?.includes(`\${secret:${each.name}}`)),
  );
  differences.push(
    ...secretDifferences(wanted, secrets, new Set(definition.secrets.map((each) => each.name))),
    ...environmentDifferences(wanted),
  );
  return { definition, differences: deep(differences, (value) => secrets.replace(value, "a setting that is lost")) };
}

const nameOf = (registration: Registration): string => text(unmark(registration.outputs.name)) ?? registration.name;

/** Swarm's name of what has that id. Volumes go by their names already, and so does what a program names by hand. */
function byId(all: readonly Registration[], type: string): (id: string) => string {
  const known = new Map(all.filter((each) => each.type === type).map((each) => [each.id, nameOf(each)]));
  return (id) => known.get(id) ?? id;
}

/** The program's own parts are tiers where their projects are named so. */
function tierOf({ project }: EvaluatedStack): Tier | undefined {
  if (/^layer[-_ ]?1$/i.test(project)) return "layer1";
  if (/^layer[-_ ]?2$/i.test(project)) return "layer2";
  return /^platform$/i.test(project) ? "platform" : undefined;
}

/** `hostname` of the stacks' configuration, where all that have it agree. */
function domainOf(stacks: readonly EvaluatedStack[]): string | undefined {
  const all = new Set(stacks.map((each) => each.config[`${each.project}:hostname`]).filter((each) => each !== undefined));
  return all.size === 1 ? [...all][0] : undefined;
}

/** A digest that was looked up is ours, and no registry has it: the tag takes its place, and that a deployment pins it is kept. */
function imageOf(image: string, digests: Record<string, string>): Pick<DefinedService, "image" | "digestAtDeploy"> {
  const [repository = "", digest] = image.split("@");
  const looked = digest === undefined ? undefined : digests[digest];
  if (looked === undefined) return { image };
  const tagged = repository.slice(repository.lastIndexOf("/")).includes(":");
  return { image: tagged ? repository : `${repository}:${looked.slice(looked.lastIndexOf(":") + 1)}`, digestAtDeploy: true };
}

function usedBy(services: readonly DefinedService[]): Set<string> {
  return new Set(
    services.flatMap((each) => [
      ...each.networks.map((name) => `${network} ${name}`),
      ...each.mounts.map(({ source }) => `${volume} ${source}`),
      ...each.configs.map(({ source }) => `${config} ${source}`),
    ]),
  );
}

function networkOf(registration: Registration, place: string): { found: CandidateNetwork; lost?: Unsaid } {
  const inputs = fields(unmark(registration.inputs));
  const driver = text(inputs.driver) ?? "bridge";
  const subnet = text(fields(list(inputs.ipamConfigs)[0]).subnet);
  const found: CandidateNetwork = {
    name: nameOf(registration),
    driver: "overlay",
    ...(flag(inputs.internal) ? { internal: true } : {}),
    ...(flag(inputs.attachable) ? { attachable: true } : {}),
    ...("encrypted" in fields(inputs.options) && textRecord(inputs.options).encrypted !== "false" ? { encrypted: true } : {}),
    ...(subnet === undefined ? {} : { subnet }),
    place,
  };
  return driver === "overlay" ? { found } : { found, lost: { field: "driver", value: driver } };
}

function unsaid(subject: string, lost: Unsaid, kind = "service"): Substitution {
  return {
    subject: `${kind}:${subject}`,
    kind: "setting",
    asked: `${lost.field}: ${lost.value.length > 200 ? `${lost.value.slice(0, 200)}…` : lost.value}`,
    got: kind === "network" ? "overlay" : "Docker's default",
    why: "a candidate has no such setting",
    hides: [],
  };
}

function secretDifferences(stacks: readonly EvaluatedStack[], secrets: Secrets, kept: ReadonlySet<string>): Substitution[] {
  const out: Substitution[] = [];
  const holders = new Map<string, string[]>();
  for (const stack of stacks) {
    for (const full of stack.secretKeys) {
      const key = full.slice(full.indexOf(":") + 1);
      holders.set(key, [...(holders.get(key) ?? []), stack.project]);
    }
  }
  for (const [key, projects] of holders) {
    const [name] = secrets.namesOf([configPlaceholder(key).value]);
    if (projects.length < 2 || name === undefined || !kept.has(name)) continue;
    out.push({
      subject: `secret:${name}`,
      kind: "secret",
      asked: `${key} of its own in each of ${projects.join(", ")}`,
      got: "one generated value",
      why: "secret configuration is never read, so one key is taken to be one secret",
      hides: [],
    });
  }
  for (const name of secrets.literals.filter((each) => kept.has(each))) {
    out.push({
      subject: `secret:${name}`,
      kind: "secret",
      asked: "the value that the program says in clear",
      got: "a generated value",
      why: "a secret is never passed on",
      hides: [],
    });
  }
  return out;
}

function environmentDifferences(stacks: readonly EvaluatedStack[]): Substitution[] {
  return stacks.flatMap((stack) =>
    stack.environment.map((variable) => ({
      subject: `environment:${variable}`,
      kind: "setting" as const,
      asked: `the deployer's own value, in ${stack.folder}`,
      got: "unset",
      why: "a program is evaluated in an empty environment",
      hides: [],
    })),
  );
}

/** Every text in a value, keys included. */
function deep<T>(value: T, map: (text: string) => string): T {
  const walk = (at: unknown): unknown => {
    if (typeof at === "string") return map(at);
    if (Array.isArray(at)) return at.map(walk);
    if (typeof at === "object" && at !== null)
      return Object.fromEntries(Object.entries(at).map(([key, each]) => [map(key), walk(each)]));
    return at;
  };
  return walk(value) as T;
}
