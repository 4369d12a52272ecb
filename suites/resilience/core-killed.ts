import { experiment } from "./experiment.ts";

experiment({
  name: "core-killed",
  title: "the core API's process is killed",
  why: "I-40, I-49: every client of the platform goes through it, the page's server too; the stores must not notice",
  tags: ["platform", "crash"],
  tier: "platform",
  service: "core",
  needs: ["traefik", "core", "web", "redis", "rabbitmq"],
  faults: [{ fault: { kind: "process/kill", role: "core", signal: "SIGKILL" } }],
  victims: [
    { client: "api", from: "public", everyMs: 20 },
    { client: "api", from: "public", pooled: true, everyMs: 100 },
    { client: "web", from: "public", everyMs: 250 },
  ],
  bystanders: [
    { client: "redis", from: "inside:rabbitmq" },
    { client: "broker", from: "inside:redis" },
  ],
  mayEnd: ["core"],
  objective: "service-restart",
  uptime: "uptime-api",
  ledger: {
    store: "scrims",
    everyMs: 200,
    mayLose: 0,
    source: "scrims are Redis's, and Redis is not hurt (facts sheet, section 7.1)",
    objective: "service-loss",
  },
});
