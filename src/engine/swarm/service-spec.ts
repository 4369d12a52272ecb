import type { CandidateNetwork, Mount, Resources } from "../../candidate/types.ts";
import type { ReplicaService } from "../../substitute/plan.ts";

/** Ids that Swarm gave to what a service refers to by name. */
export interface SwarmIds {
  networks: ReadonlyMap<string, string>;
  configs: ReadonlyMap<string, string>;
  secrets: ReadonlyMap<string, string>;
}

/** Fills `${secret:NAME}` in a string with the run's generated value. */
export type Fill = (text: string) => string;

/** A replica's service in the words of Swarm's API (`POST /services/create`), restart policy and all verbatim: what the candidate leaves unset stays unset. */
export function serviceSpec(service: ReplicaService, image: string, ids: SwarmIds, fill: Fill): Record<string, unknown> {
  const { candidate } = service;
  const need = (map: ReadonlyMap<string, string>, name: string, kind: string) => {
    const id = map.get(name);
    if (!id) throw new Error(`service ${candidate.name} refers to ${kind} ${name}, which nothing created`);
    return id;
  };
  const env = { ...candidate.env, ...service.extraEnv };
  const container: Record<string, unknown> = {
    Image: image,
    Env: Object.entries(env).map(([name, value]) => `${name}=${fill(value)}`),
    Mounts: candidate.mounts.map(mountOf),
    Configs: [...candidate.configs, ...service.extraConfigs.map((file) => ({ ...file, mode: 0o444 }))].map((file) => ({
      File: { Name: file.target, UID: "0", GID: "0", Mode: file.mode ?? 0o444 },
      ConfigID: need(ids.configs, file.source, "config"),
      ConfigName: file.source,
    })),
    Secrets: candidate.secrets.map((file) => ({
      File: { Name: file.target, UID: "0", GID: "0", Mode: file.mode ?? 0o444 },
      SecretID: need(ids.secrets, file.source, "secret"),
      SecretName: file.source,
    })),
  };
  if (candidate.command) container.Command = candidate.command.map(fill);
  if (candidate.args) container.Args = candidate.args.map(fill);
  if (candidate.user) container.User = candidate.user;
  if (candidate.hostname) container.Hostname = candidate.hostname;
  if (candidate.workdir) container.Dir = candidate.workdir;
  if (candidate.hosts && candidate.hosts.length > 0) container.Hosts = candidate.hosts;
  if (candidate.stopGraceNs !== undefined) container.StopGracePeriod = candidate.stopGraceNs;
  if (candidate.healthcheck) {
    const { test, intervalNs, timeoutNs, retries, startPeriodNs } = candidate.healthcheck;
    container.Healthcheck = {
      Test: test,
      Interval: intervalNs,
      Timeout: timeoutNs,
      Retries: retries,
      StartPeriod: startPeriodNs,
    };
  }
  const placement: Record<string, unknown> = { Constraints: service.constraints };
  if (candidate.placement.maxReplicas) placement.MaxReplicas = candidate.placement.maxReplicas;
  if (candidate.placement.platforms) {
    placement.Platforms = candidate.placement.platforms.map(({ architecture, os }) => ({
      Architecture: architecture,
      OS: os,
    }));
  }
  const template: Record<string, unknown> = {
    ContainerSpec: container,
    Placement: placement,
    Networks: candidate.networks.map((name) => {
      const aliases = candidate.aliases?.[name];
      return { Target: need(ids.networks, name, "network"), ...(aliases && aliases.length > 0 ? { Aliases: aliases } : {}) };
    }),
    LogDriver: { Name: service.logDriver.name, Options: service.logDriver.options },
  };
  if (candidate.restart) {
    template.RestartPolicy = {
      Condition: candidate.restart.condition,
      ...(candidate.restart.delayNs === undefined ? {} : { Delay: candidate.restart.delayNs }),
    };
  }
  if (candidate.limits || candidate.reservations)
    template.Resources = {
      ...(candidate.limits ? { Limits: resourcesOf(candidate.limits) } : {}),
      ...(candidate.reservations ? { Reservations: resourcesOf(candidate.reservations) } : {}),
    };
  return {
    Name: candidate.name,
    Labels: candidate.labels,
    TaskTemplate: template,
    Mode: candidate.global ? { Global: {} } : { Replicated: { Replicas: candidate.replicas ?? 1 } },
    EndpointSpec: {
      Mode: service.endpointMode,
      Ports: service.ports.map((port) => ({
        Protocol: port.protocol,
        TargetPort: port.target,
        PublishedPort: port.published,
        PublishMode: port.mode,
      })),
    },
  };
}

/** A network of the candidate in the words of Docker's API (`POST /networks/create`). */
export function networkSpec(network: CandidateNetwork): Record<string, unknown> {
  return {
    Name: network.name,
    Driver: network.driver,
    CheckDuplicate: true,
    Internal: network.internal ?? false,
    Attachable: network.attachable ?? false,
    ...(network.encrypted ? { Options: { encrypted: "" } } : {}),
    ...(network.subnet ? { IPAM: { Driver: "default", Config: [{ Subnet: network.subnet }] } } : {}),
  };
}

function mountOf(mount: Mount): Record<string, unknown> {
  const rest = { Target: mount.target, ReadOnly: mount.readOnly };
  // A tmpfs has no source, and Swarm refuses one that is given.
  return mount.type === "tmpfs" ? { Type: "tmpfs", ...rest } : { Type: mount.type, Source: mount.source, ...rest };
}

function resourcesOf({ memoryBytes, nanoCpus }: Resources): Record<string, unknown> {
  return { MemoryBytes: memoryBytes, NanoCPUs: nanoCpus };
}
