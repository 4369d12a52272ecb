import { experiment } from "./experiment.ts";

experiment({
  name: "broker-killed",
  title: "RabbitMQ's process is killed",
  why: "X-14, I-21, I-23: three services end when the broker fails; read paths must go on, and confirmed messages be there afterwards",
  tags: ["layer2", "crash"],
  tier: "platform",
  service: "rabbitmq",
  needs: ["rabbitmq", "redis", "core", "web", "traefik", "matchmaking", "submission", "notification"],
  faults: [{ fault: { kind: "process/kill", role: "rabbitmq", signal: "SIGKILL" } }],
  victims: [
    { client: "broker", from: "inside:redis", everyMs: 50 },
    { client: "scrim", from: "public", everyMs: 250 },
  ],
  bystanders: [
    { client: "api", from: "public" },
    { client: "web", from: "public" },
    { client: "redis", from: "inside:redis" },
  ],
  meanwhile: [
    {
      client: "public/scrim",
      answersWithinMs: 7_000,
      source: "the API waits 5 s for another service, and then says so (facts sheet, section 8)",
    },
  ],
  mayEnd: ["rabbitmq", "matchmaking", "submission", "notification"],
  objective: "service-restart",
  ledger: {
    store: "broker",
    everyMs: 20,
    mayLose: 0,
    source: "persistent messages in a durable queue, confirmed (facts sheet, section 7.2)",
    objective: "service-loss",
  },
});
