import { experiment } from "./experiment.ts";

experiment({
  name: "postgres-gone",
  title: "the managed PostgreSQL is off for 20 s",
  why: "X-20, I-16, I-19: every service of the platform depends on it; the web page must still be served, and the API be back by itself",
  tags: ["layer2", "party"],
  tier: "platform",
  service: "postgres",
  needs: ["redis", "rabbitmq", "core", "web", "traefik", "party:postgres"],
  faults: [{ fault: { kind: "party/gone", party: "postgres", how: "off" }, holdMs: 20_000 }],
  victims: [
    { client: "postgres", from: "inside:redis", everyMs: 100 },
    { client: "database", from: "public", everyMs: 100 },
  ],
  bystanders: [
    { client: "web", from: "public" },
    { client: "broker", from: "inside:redis" },
    { client: "redis", from: "inside:redis" },
  ],
  meanwhile: [
    {
      client: "public/database",
      answersWithinMs: 5_000,
      source: "X-21: an error is clean and comes within 5 s (facts sheet, section 9.2)",
    },
  ],
  mayEnd: [],
  objective: "service-restart",
  uptime: "uptime-postgres",
  ledger: {
    store: "postgres",
    everyMs: 50,
    mayLose: 0,
    source: "committed rows of a server whose defaults Sprocket does not change (facts sheet, section 7.3)",
    objective: "service-loss",
  },
});
