import { experiment } from "./experiment.ts";

experiment({
  name: "redis-killed-while-postgres-is-gone",
  title: "Redis's process is killed while the managed PostgreSQL is off",
  why: "I-46, I-47: what fails seldom fails alone; both must come back, though each needs clients that lost the other",
  tags: ["layer2", "composed"],
  tier: "platform",
  service: "redis",
  needs: ["redis", "rabbitmq", "core", "web", "traefik", "party:postgres"],
  faults: [
    { fault: { kind: "party/gone", party: "postgres", how: "off" }, holdMs: 15_000 },
    { fault: { kind: "process/kill", role: "redis", signal: "SIGKILL" }, afterMs: 5_000 },
  ],
  victims: [
    { client: "database", from: "public", everyMs: 100 },
    { client: "redis", from: "inside:rabbitmq" },
  ],
  bystanders: [
    { client: "web", from: "public" },
    { client: "broker", from: "inside:rabbitmq" },
  ],
  mayEnd: ["redis"],
  objective: "service-restart",
});
