import type { Tier } from "../../history/events.ts";
import type { CandidateService, Healthcheck, LogDriver } from "../types.ts";
import data from "./actual-services.json" with { type: "json" };

/** A service as Sprocket's program registers it, in the words of `@pulumi/docker`. */
interface Registered {
  name: string;
  serviceName?: string;
  image: string;
  command?: string[];
  args?: string[];
  env?: Record<string, string>;
  user?: string;
  hostname?: string;
  networks?: string[];
  mounts?: { type: string; source: string; target: string; readOnly?: boolean }[];
  configs?: { config: string; file: string }[];
  secrets?: { secret: string; file: string }[];
  labels?: Record<string, string>;
  placement?: { constraints?: string[]; maxReplicas?: number; platforms?: { architecture: string; os: string }[] };
  healthcheck?: { tests: string[]; interval: string; timeout: string; retries: number; startPeriod: string };
  endpointSpec?: {
    mode?: string;
    ports?: { protocol: string; publishMode: string; publishedPort: number; targetPort: number }[];
  };
  mode?: { global?: boolean };
  resources?: { limits?: { memoryBytes?: number; nanoCpus?: number } };
  logDriver?: string;
}

interface Stack {
  services: Registered[];
  networks: { driver: string; resource: string; name?: string | null }[];
  volumes: { resource: string; name: string | null; driver: string | null; driverOpts: Record<string, string> | null }[];
  configs: string[];
  secrets: string[];
}

/** The options that Sprocket's helper gives to a driver (facts sheet, section 1.1); the recorded program holds the driver's name only. */
const logOptions: Record<string, Record<string, string>> = {
  fluentd: {
    "fluentd-address": "172.18.0.1:24224",
    tag: "docker.{{.FullID}}.{{.Name}}",
    "fluentd-async": "true",
    "fluentd-retry-wait": "1s",
    "fluentd-max-retries": "3",
    mode: "non-blocking",
    "max-buffer-size": "4m",
  },
  "json-file": { "max-size": "5m", "max-file": "5", compress: "true" },
};

/** A service's log driver as Sprocket's helper sets it. */
export function actualLogDriver(name: string): LogDriver {
  return { name, options: logOptions[name] ?? {} };
}

const stacks = data.stacks as unknown as Record<string, Stack>;
const seconds = (text: string) => Number(text.replace(/s$/, "")) * 1e9;

/** Swarm's name of a network that the program calls `resource`: pinned, or the resource's own with the suffix left out. */
function networkName(resource: string): string {
  for (const stack of Object.values(stacks)) {
    for (const network of stack.networks) if (network.resource === resource) return network.name ?? network.resource;
  }
  throw new Error(`no stack creates network ${resource}`);
}

/** Every network, volume and config of a stack under the name that Swarm will know. */
export function actualStack(stack: string) {
  const found = stacks[stack];
  if (!found) throw new Error(`no stack ${stack} in the recorded program`);
  return {
    networks: found.networks.map((network) => network.name ?? network.resource),
    volumes: found.volumes.map((volume) => ({
      name: volume.name ?? `${volume.resource}-0000000`,
      driver: volume.driver ?? "local",
      driverOpts: volume.driverOpts ?? {},
    })),
    configs: found.configs,
    secrets: found.secrets,
  };
}

/** One registered service in the candidate's own shape, nothing changed but the domain in labels. */
export function actualService(name: string, domain: string): Omit<CandidateService, "tier" | "needs"> {
  for (const [stack, { services }] of Object.entries(stacks)) {
    const found = services.find((service) => (service.serviceName ?? service.name) === name);
    if (!found) continue;
    const relabel = (text: string) => text.replaceAll("example.test", domain);
    const healthcheck: Healthcheck | undefined = found.healthcheck && {
      test: found.healthcheck.tests,
      intervalNs: seconds(found.healthcheck.interval),
      timeoutNs: seconds(found.healthcheck.timeout),
      retries: found.healthcheck.retries,
      startPeriodNs: seconds(found.healthcheck.startPeriod),
    };
    return {
      name,
      stack,
      image: found.image,
      ...(found.command ? { command: found.command } : {}),
      ...(found.args ? { args: found.args } : {}),
      env: found.env ?? {},
      ...(found.user ? { user: found.user } : {}),
      ...(found.hostname ? { hostname: found.hostname } : {}),
      networks: (found.networks ?? []).map(networkName),
      mounts: (found.mounts ?? []).map((mount) => ({
        type: mount.type as "volume" | "bind",
        source: mount.source,
        target: mount.target,
        readOnly: mount.readOnly ?? false,
      })),
      configs: (found.configs ?? []).map(({ config, file }) => ({ source: config, target: file })),
      secrets: (found.secrets ?? []).map(({ secret, file }) => ({ source: secret, target: file })),
      labels: Object.fromEntries(Object.entries(found.labels ?? {}).map(([key, value]) => [key, relabel(value)])),
      ...(healthcheck ? { healthcheck } : {}),
      endpointMode: found.endpointSpec?.mode === "dnsrr" ? "dnsrr" : "vip",
      ports: (found.endpointSpec?.ports ?? []).map((port) => ({
        published: port.publishedPort,
        target: port.targetPort,
        protocol: port.protocol as "tcp" | "udp",
        mode: port.publishMode as "host" | "ingress",
      })),
      placement: {
        constraints: found.placement?.constraints ?? [],
        ...(found.placement?.maxReplicas ? { maxReplicas: found.placement.maxReplicas } : {}),
        ...(found.placement?.platforms ? { platforms: found.placement.platforms } : {}),
      },
      ...(found.logDriver ? { logDriver: actualLogDriver(found.logDriver) } : {}),
      global: found.mode?.global ?? false,
      ...(found.resources?.limits ? { limits: found.resources.limits } : {}),
    };
  }
  throw new Error(`no service ${name} in the recorded program`);
}

export const tierOfStack: Record<string, Tier> = { layer_1: "layer1", layer_2: "layer2", platform: "platform" };
