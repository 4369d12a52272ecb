import { experiment } from "./experiment.ts";

experiment({
  name: "redis-paused",
  title: "Redis is frozen for 5 s",
  why: "X-16's kind of outage: connections stay open and nothing answers; nobody may take that for a crash, and all that was acknowledged is kept",
  tags: ["layer2", "frozen"],
  tier: "layer2",
  service: "redis",
  needs: ["redis", "rabbitmq"],
  faults: [{ fault: { kind: "process/pause", role: "redis" }, holdMs: 5_000 }],
  victims: [{ client: "redis", from: "inside:rabbitmq" }],
  bystanders: [{ client: "broker", from: "inside:rabbitmq" }],
  mayEnd: [],
  objective: "service-restart",
  uptime: "uptime-redis",
  ledger: { store: "redis", everyMs: 50, mayLose: 0, source: "a process that goes on loses nothing", objective: "service-loss" },
});
