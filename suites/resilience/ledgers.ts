import type { ExperimentLedger } from "../../src/probe/experiment.ts";
import { brokerOf, redisOf } from "../clients.ts";

const queue = "sprocket-resilience-experiment";

/** Stores that take numbered writes, with what an acknowledgement of each means. */
export const ledgers = {
  redis: {
    title: "keys in Redis",
    from: "rabbitmq",
    acknowledgement: "Redis has it in memory; it is on the disk at the next snapshot (Sprocket sets no appendonly)",
    store: (target) => ({ kind: "redis", ...redisOf(target), prefix: "sprocket-resilience:experiment:", timeoutMs: 2000 }),
  },
  broker: {
    title: "persistent messages in a durable queue",
    from: "redis",
    acknowledgement: "RabbitMQ confirmed it: it has it on the disk",
    store: (target) => ({ kind: "amqp", ...brokerOf(target), queue, persistent: true, timeoutMs: 2000 }),
    prepare: async (place, target) => {
      await place.amqp("ledger queue", { ...brokerOf(target), actions: [{ do: "declareQueue", name: queue, durable: true }] });
    },
    remove: async (place, target) => {
      await place.amqp("ledger queue removed", { ...brokerOf(target), actions: [{ do: "deleteQueue", name: queue }] });
    },
  },
} as const satisfies Record<string, ExperimentLedger>;

export type LedgerName = keyof typeof ledgers;
