import { experiment } from "./experiment.ts";

experiment({
  name: "postgres-slow",
  title: "PostgreSQL's answers to the API come 300 ms later for 20 s",
  why: "X-22, I-46, I-49: a slow database is no dead one; the API answers, later, and nobody takes it for ill",
  tags: ["network", "latency"],
  tier: "platform",
  service: "core",
  needs: ["core", "web", "traefik", "redis", "rabbitmq", "party:postgres"],
  faults: [{ fault: { kind: "network/latency", from: "core", to: "postgres", delayMs: 300 }, holdMs: 20_000 }],
  victims: [{ client: "database", from: "public", everyMs: 250 }],
  bystanders: [
    { client: "web", from: "public" },
    { client: "api", from: "public" },
  ],
  meanwhile: [
    {
      client: "public/database",
      answersWithinMs: 5_000,
      badAtMost: 0.05,
      source:
        "OPERATIONS_RUNBOOK.md: errors over 5 % are critical (facts sheet, section 10.1); X-21: whatever comes does so within 5 s",
    },
  ],
  mayEnd: [],
  objective: "service-restart",
  uptime: "uptime-api",
});
