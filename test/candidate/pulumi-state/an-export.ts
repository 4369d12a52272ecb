import type { CandidateService } from "../../../src/candidate/types.ts";

/** Pulumi's mark of a secret, as an export has it; the ciphertext is nobody's. */
export const ciphertext = {
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  ciphertext: "AAABAKO-not-a-real-ciphertext",
};

export const urn = (type: string, name: string, stack = "prod", project = "platform") =>
  `urn:pulumi:${stack}::${project}::${type}::${name}`;

const serviceType = "docker:index/service:Service";

/** A recorded service: `spec` is its task's container, `more` what stands beside the task. */
export function recorded(name: string, container: object, more: { task?: object; spec?: object; resource?: object } = {}) {
  const inputs = { __defaults: [], name, taskSpec: { __defaults: [], containerSpec: container, ...more.task }, ...more.spec };
  return {
    urn: urn(serviceType, name),
    custom: true,
    id: `id-of-${name}`,
    type: serviceType,
    inputs,
    outputs: inputs,
    ...more.resource,
  };
}

export function network(name: string, id: string) {
  const type = "docker:index/network:Network";
  return { urn: urn(type, name), custom: true, id, type, inputs: { name }, outputs: { name, id } };
}

/** What `pulumi stack export` prints of a stack with those resources. */
export function anExport(resources: object[], more: { version?: unknown; pending?: object[] } = {}): string {
  return JSON.stringify(
    {
      version: more.version ?? 3,
      deployment: {
        manifest: { time: "2026-01-17T10:00:00Z", magic: "0", version: "v3.201.0" },
        secrets_providers: { type: "service" },
        resources: [
          { urn: urn("pulumi:pulumi:Stack", "platform-prod"), custom: false, type: "pulumi:pulumi:Stack" },
          ...resources,
        ],
        ...(more.pending ? { pending_operations: more.pending } : {}),
      },
    },
    null,
    4,
  );
}

const duration = (ns: number) => `${ns / 1e9}s`;
const sealed = (text: string) => (text.includes("${secret:") ? ciphertext : text);

/** A candidate's service as Pulumi's Docker provider would have recorded it, names with a suffix, secrets as ciphertext. */
export function recordedAs(service: CandidateService): object {
  const { healthcheck, placement, logDriver, limits } = service;
  const container = {
    image: service.image,
    command: service.command,
    args: service.args?.map(sealed),
    env: Object.fromEntries(Object.entries(service.env).map(([name, value]) => [name, sealed(value)])),
    user: service.user,
    hostname: service.hostname,
    mounts: service.mounts,
    configs: service.configs.map(({ source, target }) => ({
      configId: "i".repeat(25),
      configName: `${source}-0a1b2c3`,
      fileName: target,
    })),
    secrets: service.secrets.map(({ source, target }) => ({
      secretId: "i".repeat(25),
      secretName: `${source}-0a1b2c3`,
      fileName: target,
    })),
    healthcheck: healthcheck && {
      tests: healthcheck.test,
      interval: duration(healthcheck.intervalNs),
      timeout: duration(healthcheck.timeoutNs),
      startPeriod: duration(healthcheck.startPeriodNs),
      retries: healthcheck.retries,
    },
  };
  const task = {
    networksAdvanceds: service.networks.map((name) => ({ name: `${name}-0a1b2c3` })),
    placement,
    logDriver,
    resources: { limits },
  };
  const spec = {
    mode: service.global ? { global: true } : { replicated: { replicas: 1 } },
    endpointSpec: {
      mode: service.endpointMode,
      ports: service.ports.map(({ published, target, protocol, mode }) => ({
        publishedPort: published,
        targetPort: target,
        protocol,
        publishMode: mode,
      })),
    },
    labels: Object.entries(service.labels).map(([label, value]) => ({ label, value })),
  };
  return recorded(`${service.name}-0a1b2c3`, container, { task, spec });
}
