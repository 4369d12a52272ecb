import { experiment } from "./experiment.ts";

experiment({
  name: "broker-disk-full",
  title: "the disk under the broker is full to 96 % for 20 s",
  why: "X-17, X-23, I-20: RabbitMQ stops taking messages below its limit of free space; it must neither die nor lose any, and take them again by itself",
  tags: ["layer2", "storage"],
  tier: "platform",
  service: "rabbitmq",
  needs: ["rabbitmq", "redis", "core", "web", "traefik", "node:data-disk"],
  faults: [{ fault: { kind: "storage/disk-full", percent: 96 }, holdMs: 20_000 }],
  victims: [{ client: "publisher", from: "inside:redis", everyMs: 100 }],
  bystanders: [
    { client: "api", from: "public" },
    { client: "web", from: "public" },
  ],
  mayEnd: [],
  objective: "service-restart",
  ledger: {
    store: "broker",
    everyMs: 50,
    mayLose: 0,
    source: "persistent messages in a durable queue, confirmed (facts sheet, section 7.2)",
    objective: "service-loss",
  },
});
