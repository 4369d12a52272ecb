import type { Candidate, CandidateService, Role } from "../types.ts";
import { type Expectation, expectation } from "./expectation.ts";
import { ingressOf, list, ofRole, placeOf } from "./read.ts";

const architecture = "docs-output/ARCHITECTURE.md";
const runbook = "docs-output/OPERATIONS_RUNBOOK.md";

/** The applications, which one component of the program registers all. */
const applications: readonly Role[] = [
  "core",
  "web",
  "discord-bot",
  "image-generation-frontend",
  "image-generation",
  "notification",
  "analytics",
  "matchmaking",
  "replay-parse",
  "elo",
  "submission",
];

/** How many of the services lack something, and which. */
function lacking(services: readonly CandidateService[], has: (service: CandidateService) => boolean) {
  const without = services.filter((service) => !has(service));
  return {
    without,
    count: `${without.length} of ${services.length}`,
    names: list(
      without.map((service) => service.name),
      4,
    ),
  };
}

const rolesWith = (services: readonly CandidateService[], has: (service: CandidateService) => boolean) =>
  services.filter(has).map((service) => service.role);

const checked = (service: CandidateService) => service.healthcheck !== undefined && service.healthcheck.test[0] !== "NONE";
const limited = (service: CandidateService) => service.limits?.memoryBytes !== undefined;

export const swarmExpectations: readonly Expectation[] = [
  expectation<CandidateService[]>({
    id: "health-checks",
    subject: "health checks",
    row: 18,
    read: ({ services }) => {
      const { count, names } = lacking(services, checked);
      return services.length === 0 ? [] : [{ place: "candidate", value: services, met: `${count} services have none: ${names}` }];
    },
    documented: { says: "health checks that restart a service", source: runbook, keeps: (services) => services.every(checked) },
    actual: {
      says: "one health check, the broker's",
      source: "global/services/rabbitmq/RabbitMq.ts",
      keeps: (services) => rolesWith(services, checked).every((role) => role === "rabbitmq"),
    },
    cure: "Give each service a health check that asks what it is for; Swarm restarts a task only by that or by its exit.",
  }),
  expectation<CandidateService[]>({
    id: "memory-limits",
    subject: "memory limits",
    row: 19,
    read: ({ services }) => {
      const { count, names } = lacking(services, limited);
      return services.length === 0 ? [] : [{ place: "candidate", value: services, met: `${count} services have none: ${names}` }];
    },
    documented: {
      says: "memory limits and reservations",
      source: "facts sheet, section 0.3, row 19",
      keeps: (services) => services.every(limited),
    },
    actual: {
      says: "one limit, Fluentd's",
      source: "global/services/fluentd/FluentD.ts",
      keeps: (services) => rolesWith(services, limited).every((role) => role === "fluentd"),
    },
    cure: "Limit each service's memory, so that one that grows takes no other with it.",
  }),
  expectation<CandidateService[]>({
    id: "two-replicas",
    subject: "how many tasks an application has",
    row: 17,
    read: (candidate) => {
      const services = ofRole(candidate, ...applications);
      const { count, names } = lacking(services, doubled);
      return services.length === 0
        ? []
        : [{ place: "candidate", value: services, met: `${count} applications run once: ${names}` }];
    },
    documented: {
      says: "two instances of every application",
      source: "commit 9297ccf",
      keeps: (services) => services.every(doubled),
    },
    actual: {
      says: "one instance each; the number went into the most that a node may have",
      source: "platform/src/microservices/SprocketService.ts",
      keeps: (services) => !services.some(doubled),
    },
    cure: "Set replicas in the service's mode: maxReplicas only bounds what one node may have.",
  }),
  expectation<string[]>({
    id: "network-count",
    subject: "overlay networks",
    row: 20,
    read: ({ networks }) => {
      const names = networks.map((network) => network.name);
      return [{ place: "candidate", value: names, met: `${names.length} are defined: ${list(names, 10)}` }];
    },
    documented: { says: "5 overlay networks", source: "docs-output/POSTMORTEM.md", keeps: (names) => names.length === 5 },
    actual: {
      says: "8 overlay networks, and one more each for Vault and N8n where they are",
      source: "facts sheet, section 2.1",
      keeps: (names) => names.filter((name) => !["vault-network", "n8n-net"].includes(name)).length === 8,
    },
    cure: "List the networks of the definition in the documents.",
  }),
  expectation<boolean>({
    id: "platform-network-internal",
    subject: "the platform's own network",
    row: 20,
    read: (candidate) =>
      platformNetworks(candidate).map((network) => ({
        place: placeOf("network", network),
        value: network.internal ?? false,
        met: `${network.name} is not, so every container on it reaches what is outside`,
      })),
    documented: { says: "an internal platform network", source: architecture, keeps: (internal) => internal },
    actual: { says: "no internal network at all", source: "platform/src/Platform.ts", keeps: (internal) => !internal },
    cure: "Make the network internal, and give a way out only to what calls Discord, S3 or the database.",
  }),
  expectation<number>({
    id: "published-ports",
    subject: "ports open to the world",
    row: 21,
    read: ({ services }) =>
      services.flatMap((service) =>
        service.ports.map((port) => ({
          place: placeOf("service", service),
          value: port.published,
          met: `it publishes ${port.published} in ${port.mode} mode on every address of its node`,
        })),
      ),
    documented: { says: "no port but 80 and 443 open", source: architecture, keeps: (port) => [80, 443].includes(port) },
    actual: {
      says: "80, 443 and Fluentd's 24224",
      source: "global/services/fluentd/FluentD.ts",
      keeps: (port) => [80, 443, 24224].includes(port),
    },
    cure: "Let it listen on the overlay or on loopback, or close the port in the host's firewall and test that.",
  }),
  expectation<string[]>({
    id: "socket-proxy-members",
    subject: "who reaches Docker's API",
    read: (candidate) =>
      ofRole(candidate, "socket-proxy").map((proxy) => {
        const members = candidate.services
          .filter((service) => !["traefik", "socket-proxy"].includes(service.role ?? ""))
          .filter((service) => service.networks.some((network) => proxy.networks.includes(network)))
          .map((service) => service.name);
        return { place: placeOf("service", proxy), value: members, met: `${list(members)} can ask it as well` };
      }),
    documented: {
      says: "Traefik alone connected to the socket proxy",
      source: architecture,
      keeps: (members) => members.length === 0,
    },
    actual: {
      says: "Traefik and the proxy on their own network",
      source: "global/services/traefik/SocketProxy.ts",
      keeps: (members) => members.length === 0,
    },
    cure: "Give the proxy a network that only Traefik shares.",
  }),
  expectation<boolean>({
    id: "socket-read-only",
    subject: "Docker's socket",
    read: (candidate) =>
      ofRole(candidate, "socket-proxy").flatMap((proxy) =>
        proxy.mounts
          .filter((mount) => mount.source.endsWith("/docker.sock"))
          .map((mount) => ({ place: placeOf("service", proxy), value: mount.readOnly, met: "the socket is mounted writable" })),
      ),
    documented: { says: "Docker's socket mounted read-only", source: architecture, keeps: (readOnly) => readOnly },
    actual: { says: "the socket read-only", source: "global/services/traefik/SocketProxy.ts", keeps: (readOnly) => readOnly },
    cure: "Mount it read-only; what the API may be asked is the proxy's to refuse all the same.",
  }),
];

function doubled(service: CandidateService): boolean {
  return service.global || (service.replicas ?? 1) >= 2;
}

/** Networks that the core API and the broker share, the ingress left out. */
function platformNetworks(candidate: Candidate) {
  const ingress = ingressOf(candidate);
  const core = ofRole(candidate, "core").flatMap((service) => service.networks);
  const broker = ofRole(candidate, "rabbitmq").flatMap((service) => service.networks);
  return candidate.networks.filter(({ name }) => core.includes(name) && broker.includes(name) && !ingress.has(name));
}
