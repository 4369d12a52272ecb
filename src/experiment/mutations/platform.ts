import { referenceDomain } from "../../candidate/reference/reference.ts";
import type { Candidate, CandidateService, Role } from "../../candidate/types.ts";
import { changed, configured, type Mutation } from "./mutation.ts";

const labelled = (role: Role, label: string, value: string) => (candidate: Candidate) =>
  changed(candidate, role, (service) => {
    if (!(label in service.labels)) throw new Error(`${service.name} has no label ${label} to mutate`);
    service.labels[label] = value;
  });

const limited = (role: Role, nanoCpus: number) => (candidate: Candidate) =>
  changed(candidate, role, (service) => {
    service.limits = { ...service.limits, nanoCpus };
  });

const restartNever = (role: Role) => (candidate: Candidate) =>
  changed(candidate, role, (service) => {
    service.restart = { condition: "none" };
  });

/** Runs a line of JavaScript in place of, or beside, the API's own program. */
const coreRuns = (program: string) => (candidate: Candidate) =>
  changed(candidate, "core", (service: CandidateService) => {
    service.command = ["node", "-e", program];
  });

const answersAnything = `require("node:http").createServer((q, a) => { a.setHeader("content-type", "application/json"); a.end('{"data":{"__typename":"Query","__schema":{"queryType":{"name":"Query"}}}}'); }).listen(3001)`;
const diesWithBroker = `setInterval(() => require("node:net").connect(5672, "prod-datastores-rmq-service").on("error", () => process.exit(1)).on("connect", function () { this.destroy(); }), 500); import("/app/core/dist/main.js")`;

const coreConfig = "prod-sprocket-core-config";

export const platformMutations: readonly Mutation[] = [
  {
    name: "core-route-to-another-port",
    what: "Traefik is told that the API listens on 3999",
    reddens: "platform/graphql-answers",
    candidate: labelled("core", "traefik.http.services.sprocket-core-main.loadbalancer.server.port", "3999"),
  },
  {
    name: "core-tells-its-schema",
    what: "in place of the API runs a program that answers anything, introspection too",
    reddens: "platform/graphql-refuses-introspection",
    candidate: coreRuns(answersAnything),
  },
  {
    name: "core-answers-anything",
    what: "in place of the API runs a program that answers anything, whatever the method",
    reddens: "platform/graphql-methods",
    candidate: coreRuns(answersAnything),
  },
  {
    name: "core-with-wrong-postgres-port",
    what: "the API asks PostgreSQL on its default port",
    reddens: "platform/api-asks-postgres",
    candidate: (candidate) => configured(candidate, coreConfig, `"${candidate.parties.postgres?.port}"`, `"5432"`),
  },
  {
    name: "core-with-wrong-redis-host",
    what: "the API's cache is addressed by a name that nobody has",
    reddens: "platform/api-asks-redis",
    candidate: (candidate) =>
      changed(candidate, "core", (service) => {
        service.env.CACHE_HOST = "redis-primary";
      }),
  },
  {
    name: "main-bucket-missing",
    what: "the API's bucket does not exist",
    reddens: "platform/api-asks-s3",
    replica: { withoutBuckets: ["sprocket-main-1"] },
  },
  {
    name: "web-on-another-port",
    what: "web listens on 3999",
    reddens: "up/prod-sprocket-web-service",
    only: ["platform/web-login"],
    candidate: (candidate) =>
      changed(candidate, "web", (service) => {
        service.env.STAND_IN_PORT = "3999";
      }),
  },
  {
    name: "web-route-to-another-port",
    what: "Traefik is told that web listens on 3999",
    reddens: "platform/web-login",
    candidate: labelled("web", "traefik.http.services.sprocket-web-main.loadbalancer.server.port", "3999"),
  },
  {
    name: "web-with-foreign-certificate",
    what: "the certificate of web's host is by an authority that no client trusts",
    reddens: "candidate/routes-platform",
    replica: { badCertificates: { [referenceDomain]: "foreign" } },
  },
  {
    name: "web-with-wrong-api",
    what: "web's server asks the API under another name",
    reddens: "platform/web-reaches-api",
    candidate: (candidate) =>
      configured(candidate, "prod-sprocket-web-config", `"api.${candidate.domain}"`, `"apl.${candidate.domain}"`),
  },
  {
    name: "matchmaking-with-wrong-queue",
    what: "matchmaking consumes from a queue that nobody writes to",
    reddens: "up/prod-matchmaking-service-service",
    only: ["platform/scrim-reaches-redis"],
    candidate: (candidate) =>
      configured(candidate, "prod-matchmaking-service-config", `"prod-matchmaking"`, `"main-matchmaking"`),
  },
  {
    name: "core-with-wrong-queue",
    what: "the API asks matchmaking on a queue that nobody consumes from",
    reddens: "platform/scrim-reaches-redis",
    candidate: (candidate) => configured(candidate, coreConfig, `"prod-matchmaking"`, `"main-matchmaking"`),
  },
  {
    name: "matchmaking-with-wrong-prefix",
    what: "matchmaking keeps scrims under another environment's prefix",
    reddens: "platform/scrim-reaches-redis",
    candidate: (candidate) => configured(candidate, "prod-matchmaking-service-config", `"prefix": "main"`, `"prefix": "staging"`),
  },
  {
    name: "matchmaking-with-wrong-exchange",
    what: "matchmaking publishes its events on an exchange that nobody listens to",
    reddens: "platform/scrim-event-published",
    candidate: (candidate) => configured(candidate, "prod-matchmaking-service-config", `"prod-events"`, `"main-events"`),
  },
  {
    name: "core-with-wrong-exchange",
    what: "the API listens for events on an exchange that nobody publishes on",
    reddens: "platform/scrim-event-reaches-api",
    candidate: (candidate) => configured(candidate, coreConfig, `"prod-events"`, `"main-events"`),
  },
  {
    name: "replay-bucket-missing",
    what: "the bucket of replays does not exist",
    reddens: "platform/submission-kept",
    replica: { withoutBuckets: ["sprocket-replays-main-1"] },
  },
  {
    name: "notification-with-wrong-prefix",
    what: "notification keeps its notices under another environment's prefix",
    reddens: "platform/notification-kept",
    candidate: (candidate) =>
      configured(candidate, "prod-notification-service-config", `"prefix": "main"`, `"prefix": "staging"`),
  },
  {
    name: "submission-not-restarted",
    what: "submission has the restart condition none: Swarm swallows its exit",
    reddens: "platform/workers-exit-and-return",
    candidate: restartNever("submission"),
  },
  {
    name: "matchmaking-not-restarted",
    what: "matchmaking has the restart condition none: Swarm swallows its exit",
    reddens: "platform/scrim-after-broker-crash",
    candidate: restartNever("matchmaking"),
  },
  {
    name: "core-dies-with-broker",
    what: "the API ends when the broker cannot be reached",
    reddens: "platform/api-answers-without-broker",
    candidate: coreRuns(diesWithBroker),
  },
  {
    name: "core-starved",
    what: "the API has 2 hundredths of a processor",
    reddens: "slo/api-p95",
    candidate: limited("core", 20_000_000),
  },
  {
    name: "core-without-capacity",
    what: "the API has 2 hundredths of a processor when its capacity is searched for",
    reddens: "slo/capacity",
    candidate: limited("core", 20_000_000),
  },
  {
    name: "core-starved-of-k6",
    what: "the API has 5 hundredths of a processor when k6 asks it",
    reddens: "slo/k6-ten-times",
    candidate: limited("core", 50_000_000),
  },
  {
    name: "core-starved-p99",
    what: "the API has 2 hundredths of a processor",
    reddens: "slo/api-p99",
    candidate: limited("core", 20_000_000),
  },
  {
    name: "core-short-of-processor",
    what: "the API has 5 hundredths of a processor",
    reddens: "slo/api-p95-10x",
    candidate: limited("core", 50_000_000),
  },
  {
    name: "core-short-of-processor-p99",
    what: "the API has 5 hundredths of a processor",
    reddens: "slo/api-p99-10x",
    candidate: limited("core", 50_000_000),
  },
  {
    name: "load-without-postgres",
    what: "the API asks PostgreSQL on its default port, so that every answer is an error",
    reddens: "slo/error-rate",
    candidate: (candidate) => configured(candidate, coreConfig, `"${candidate.parties.postgres?.port}"`, `"5432"`),
  },
  {
    name: "load-without-cache",
    what: "the API's cache is addressed by a name that nobody has, so that every answer is an error",
    reddens: "slo/error-rate-10x",
    candidate: (candidate) =>
      changed(candidate, "core", (service) => {
        service.env.CACHE_HOST = "redis-primary";
      }),
  },
];
