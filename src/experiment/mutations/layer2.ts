import type { Candidate } from "../../candidate/types.ts";
import { changed, type Mutation } from "./mutation.ts";

const redisPassword = "${secret:prod-secrets-redis-password}";
const withoutVolume = (candidate: Candidate, role: "redis" | "rabbitmq") =>
  changed(candidate, role, (service) => {
    service.mounts = [];
  });
const notRestarted = (candidate: Candidate, role: "redis" | "rabbitmq") =>
  changed(candidate, role, (service) => {
    service.restart = { condition: "none" };
  });

export const layer2Mutations: readonly Mutation[] = [
  {
    name: "postgres-without-tls",
    what: "the managed PostgreSQL speaks plain TCP",
    reddens: "layer2/postgres-refuses-without-tls",
    replica: { postgresWithoutTls: true },
  },
  {
    name: "postgres-tls-missing",
    what: "the managed PostgreSQL speaks plain TCP, where sessions over TLS are promised",
    reddens: "layer2/postgres-serves-over-tls",
    replica: { postgresWithoutTls: true },
  },
  {
    name: "postgres-without-grafana",
    what: "the managed PostgreSQL lacks Grafana's database",
    reddens: "layer2/postgres-databases",
    replica: { withoutDatabases: ["grafana"] },
  },
  {
    name: "postgres-cap-changed",
    what: "the managed PostgreSQL allows 60 connections, not 100",
    reddens: "layer2/postgres-cap",
    replica: { postgresMaxConnections: 60 },
  },
  {
    name: "redis-with-guessable-password",
    what: "Redis lets its default user in with a second password that anybody would guess",
    reddens: "layer2/redis-password",
    candidate: (candidate) =>
      changed(candidate, "redis", (service) => {
        const [, , ...modules] = service.args ?? [];
        service.args = ["--user", "default", "on", `>${redisPassword}`, ">password", "~*", "&*", "+@all", ...modules];
      }),
  },
  {
    name: "redis-without-search",
    what: "Redis is started without RediSearch",
    reddens: "layer2/redis-modules",
    candidate: (candidate) =>
      changed(candidate, "redis", (service) => {
        service.args = (service.args ?? []).slice(0, -2);
      }),
  },
  {
    name: "redis-without-volume",
    what: "Redis has no volume, so a new task begins empty",
    reddens: "layer2/redis-snapshot-survives-crash",
    candidate: (candidate) => withoutVolume(candidate, "redis"),
  },
  {
    name: "redis-never-saves",
    what: "Redis is started without save points, so an orderly stop saves nothing",
    reddens: "layer2/redis-orderly-stop-keeps-all",
    candidate: (candidate) =>
      changed(candidate, "redis", (service) => {
        service.args = [...(service.args ?? []), "--save", ""];
      }),
  },
  {
    name: "redis-not-restarted",
    what: "Redis has the restart condition none",
    reddens: "layer2/redis-recovers",
    candidate: (candidate) => notRestarted(candidate, "redis"),
  },
  {
    name: "broker-without-health-check",
    what: "the broker has no health check",
    reddens: "layer2/broker-health-check",
    candidate: (candidate) =>
      changed(candidate, "rabbitmq", (service) => {
        delete service.healthcheck;
      }),
  },
  {
    name: "broker-health-check-cannot-pass",
    what: "the broker's health check asks for a node that does not exist",
    reddens: "up/prod-datastores-rmq-service",
    only: ["layer2/broker-health-check"],
    candidate: (candidate) =>
      changed(candidate, "rabbitmq", (service) => {
        if (service.healthcheck) service.healthcheck.test = ["CMD", "rabbitmq-diagnostics", "-q", "-n", "rabbit@nowhere", "ping"];
      }),
  },
  {
    name: "broker-management-off-ingress",
    what: "the broker is not on the network that Traefik looks for services in",
    reddens: "candidate/routes-layer2",
    candidate: (candidate) =>
      changed(candidate, "rabbitmq", (service) => {
        service.networks = service.networks.filter((name) => name !== "traefik-ingress");
      }),
  },
  {
    name: "broker-without-volume",
    what: "the broker has no volume, so a new task begins empty",
    reddens: "layer2/broker-keeps-confirmed",
    candidate: (candidate) => withoutVolume(candidate, "rabbitmq"),
  },
  {
    name: "broker-not-restarted",
    what: "the broker has the restart condition none",
    reddens: "layer2/broker-recovers",
    candidate: (candidate) => notRestarted(candidate, "rabbitmq"),
  },
];
