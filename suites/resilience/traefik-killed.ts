import { experiment } from "./experiment.ts";

experiment({
  name: "traefik-killed",
  title: "Traefik's process is killed",
  why: "X-27, I-30: it is the only way in for every mode; its ports are the host's own, so the next task can only start when they are free",
  tags: ["layer1", "crash"],
  tier: "platform",
  service: "traefik",
  needs: ["traefik", "core", "web", "redis", "rabbitmq"],
  faults: [{ fault: { kind: "process/kill", role: "traefik", signal: "SIGKILL" } }],
  victims: [
    { client: "api", from: "public", everyMs: 20 },
    { client: "api", from: "public", pooled: true, everyMs: 100 },
    { client: "entry", from: "localhost", everyMs: 50 },
    { client: "entry", from: "lan", everyMs: 50 },
  ],
  bystanders: [
    { client: "redis", from: "inside:rabbitmq" },
    { client: "broker", from: "inside:redis" },
  ],
  mayEnd: ["traefik"],
  objective: "service-restart",
  uptime: "uptime-api",
});
