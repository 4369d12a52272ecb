import { stringify } from "yaml";
import type {
  BoundFile,
  Candidate,
  CandidateConfig,
  CandidateNetwork,
  CandidateSecret,
  CandidateService,
  CandidateVolume,
  FileReference,
} from "../types.ts";
import { durationText } from "./units.ts";

type Section = Record<string, unknown>;

/**
 * A stack file that says what a candidate says. Secrets have no value in it: a deployer makes them with `docker secret create` before (`external: true`), and a text that
 * holds one keeps `$${secret:NAME}`. What the Compose specification has no word for (tiers, parties, the shape of a generated secret) stands under `x-sprocket-resilience`,
 * which Docker ignores and the importer reads. Configs stand in it with their content, which the Compose specification knows since 2023.
 */
export function exportCompose(candidate: Candidate): string {
  const networks = new Keys(
    candidate.networks.map(({ name }) => name),
    candidate.services.flatMap((service) => service.networks),
  );
  const volumes = new Keys(
    candidate.volumes.map(({ name }) => name),
    candidate.services.flatMap(({ mounts }) =>
      mounts.filter(({ type, source }) => type === "volume" && source !== "").map(({ source }) => source),
    ),
  );
  const configs = new Keys(
    candidate.configs.map(({ name }) => name),
    candidate.services.flatMap((service) => sources(service.configs)),
  );
  const secrets = new Keys(
    candidate.secrets.map(({ name }) => name),
    candidate.services.flatMap((service) => sources(service.secrets)),
  );
  const keys = { networks, volumes, configs, secrets };
  const document = {
    "x-sprocket-resilience": {
      name: candidate.name,
      profile: candidate.profile,
      domain: candidate.domain,
      parties: candidate.parties,
      files: givenFiles(candidate),
    },
    services: section(
      candidate.services,
      ({ name }) => name,
      (service) => serviceOf(service, keys),
    ),
    networks: networks.section(candidate.networks, networkOf),
    volumes: volumes.section(candidate.volumes, volumeOf),
    configs: configs.section(candidate.configs, configOf),
    secrets: secrets.section(candidate.secrets, secretOf),
  };
  return stringify(document, { lineWidth: 0, aliasDuplicateObjects: false });
}

const sources = (files: readonly FileReference[]) => files.map(({ source }) => source);

function section<Item>(items: readonly Item[], key: (item: Item) => string, value: (item: Item) => unknown): Section {
  return Object.fromEntries(items.map((item) => [key(item), value(item)]));
}

/** Keys of one section: Swarm's name where a key may be spelled so, else one like it, with `name:`. */
class Keys {
  readonly #keys = new Map<string, string>();
  readonly #outside: string[];

  /** @param used names that services refer to; one that the candidate does not define is `external` */
  constructor(defined: readonly string[], used: readonly string[]) {
    this.#outside = [...new Set(used)].filter((name) => !defined.includes(name));
    const taken = new Set<string>();
    for (const name of [...defined, ...this.#outside]) {
      let key = name.replace(/[^a-zA-Z0-9._-]/g, "-") || "unnamed";
      while (taken.has(key)) key = `${key}-`;
      taken.add(key);
      this.#keys.set(name, key);
    }
  }

  of(name: string): string {
    return this.#keys.get(name) ?? name;
  }

  section<Item extends { name: string }>(items: readonly Item[], value: (item: Item) => Section): Section {
    const named = (name: string, rest: Section) =>
      [this.of(name), { ...(this.of(name) === name ? {} : { name }), ...rest }] as const;
    return Object.fromEntries([
      ...items.map((item) => named(item.name, value(item))),
      ...this.#outside.map((name) => named(name, { external: true })),
    ]);
  }
}

/** Absent where there are none, so that nobody has to read an empty list. */
function givenFiles({ host }: Candidate): BoundFile[] | undefined {
  const files = host.flatMap((one) =>
    one.type === "file" && one.given ? [{ path: one.path, content: one.content, mode: one.mode }] : [],
  );
  return files.length > 0 ? files : undefined;
}

/** A `$` that begins no variable. */
const literal = (text: string) => text.replaceAll("$", "$$$$");
const literals = (texts: readonly string[] | undefined) => texts?.map(literal);
const literalValues = (record: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, literal(value)]));

/** Leaves out what is undefined, empty or false, since that is what a stack file says by not saying it. */
function said(fields: Section): Section {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        value !== false &&
        !(Array.isArray(value) && value.length === 0) &&
        !(typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0),
    ),
  );
}

function serviceOf(service: CandidateService, keys: Record<"networks" | "volumes" | "configs" | "secrets", Keys>): Section {
  const { healthcheck, restart, placement, logDriver } = service;
  const files = (references: readonly FileReference[], of: Keys) =>
    references.map(({ source, target, mode }) => said({ source: of.of(source), target: literal(target), mode }));
  return said({
    image: literal(service.image),
    entrypoint: literals(service.command),
    command: literals(service.args),
    environment: literalValues(service.env),
    user: service.user && literal(service.user),
    hostname: service.hostname && literal(service.hostname),
    working_dir: service.workdir && literal(service.workdir),
    extra_hosts: service.hosts?.map((line) => literal(line.replace(/^(\S+)\s+(.*)$/, "$2=$1"))),
    networks: section(
      service.networks,
      (name) => keys.networks.of(name),
      (name) => {
        const aliases = Object.hasOwn(service.aliases ?? {}, name) ? service.aliases?.[name] : undefined;
        return aliases ? { aliases: literals(aliases) } : {};
      },
    ),
    volumes: service.mounts.map(({ type, source, target, readOnly }) =>
      said({
        type,
        source: source === "" ? undefined : type === "volume" ? keys.volumes.of(source) : literal(source),
        target: literal(target),
        read_only: readOnly,
      }),
    ),
    configs: files(service.configs, keys.configs),
    secrets: files(service.secrets, keys.secrets),
    healthcheck: healthcheck && {
      ...(healthcheck.test.length > 0 ? { test: literals(healthcheck.test) } : {}),
      interval: durationText(healthcheck.intervalNs),
      timeout: durationText(healthcheck.timeoutNs),
      retries: healthcheck.retries,
      start_period: durationText(healthcheck.startPeriodNs),
    },
    ports: service.ports.map(({ published, target, protocol, mode }) =>
      said({ target, published: published || undefined, protocol, mode }),
    ),
    logging: logDriver && { driver: literal(logDriver.name), options: literalValues(logDriver.options) },
    stop_grace_period: service.stopGraceNs === undefined ? undefined : durationText(service.stopGraceNs),
    deploy: said({
      mode: service.global ? "global" : "replicated",
      replicas: service.replicas,
      endpoint_mode: service.endpointMode,
      labels: literalValues(service.labels),
      placement: said({ constraints: literals(placement.constraints), max_replicas_per_node: placement.maxReplicas }),
      restart_policy:
        restart &&
        said({ condition: restart.condition, delay: restart.delayNs === undefined ? undefined : durationText(restart.delayNs) }),
      resources: said({ limits: resourcesOf(service.limits), reservations: resourcesOf(service.reservations) }),
    }),
    "x-sprocket-resilience": said({
      tier: service.tier,
      stack: service.stack,
      platforms: placement.platforms,
      digestAtDeploy: service.digestAtDeploy,
    }),
  });
}

function resourcesOf(resources: CandidateService["limits"]): Section | undefined {
  return (
    resources &&
    said({
      memory: resources.memoryBytes === undefined ? undefined : `${resources.memoryBytes}b`,
      cpus: resources.nanoCpus === undefined ? undefined : (resources.nanoCpus / 1e9).toFixed(9).replace(/\.?0+$/, ""),
    })
  );
}

function networkOf(network: CandidateNetwork): Section {
  return said({
    driver: network.driver,
    internal: network.internal,
    attachable: network.attachable,
    driver_opts: network.encrypted ? { encrypted: "true" } : undefined,
    ipam: network.subnet ? { config: [{ subnet: network.subnet }] } : undefined,
  });
}

function volumeOf(volume: CandidateVolume): Section {
  return said({ driver: literal(volume.driver), driver_opts: literalValues(volume.driverOpts) });
}

const configOf = ({ content }: CandidateConfig): Section => ({ content: literal(content) });

/** External: whoever deploys makes it. Its shape lets a replica generate one. */
const secretOf = ({ shape, content }: CandidateSecret): Section => ({
  external: true,
  "x-sprocket-resilience": { ...shape, ...(content === undefined ? {} : { content: literal(content) }) },
});
