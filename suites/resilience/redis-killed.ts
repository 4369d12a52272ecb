import { experiment } from "./experiment.ts";

experiment({
  name: "redis-killed",
  title: "Redis's process is killed",
  why: "X-11: Redis holds scrims and sessions; the API must answer or fail fast, nobody may crash, and what the snapshot rule does not promise is lost",
  tags: ["layer2", "crash"],
  tier: "platform",
  service: "redis",
  needs: ["redis", "rabbitmq", "core", "web", "traefik"],
  faults: [{ fault: { kind: "process/kill", role: "redis", signal: "SIGKILL" } }],
  victims: [{ client: "redis", from: "inside:rabbitmq" }],
  bystanders: [
    { client: "web", from: "public" },
    { client: "broker", from: "inside:rabbitmq" },
  ],
  mayEnd: ["redis"],
  objective: "service-restart",
  uptime: "uptime-redis",
  ledger: {
    store: "redis",
    everyMs: 20,
    mayLose: { acknowledgedWithinMs: 300_000 },
    source: "Redis saves after 300 s and 100 changes, its own default; Sprocket sets nothing stricter (facts sheet, section 7.1)",
  },
});
