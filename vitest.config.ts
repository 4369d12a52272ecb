import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongFirst } from "./test/long-first.ts";

/** Files that each hold a replica or a node. */
const replicas = [
  "test/experiment/**/*.container.test.ts",
  "test/replica/**/*.container.test.ts",
  "test/fault/**/*.container.test.ts",
  "test/cli/**/*.container.test.ts",
];
/** Files that install an engine, or look at everything of ours on it: one after another, and last. */
const wholeMachine = ["test/engine/provision/**/*.container.test.ts", "test/engine/sweep.container.test.ts"];
/** Files at one time: more than there are cores, since most of what takes long waits for what starts and comes back. vitest's own number is a core less than there are. */
const atOnce = Math.max(3, availableParallelism());
const container = { globalSetup: ["test/container-setup.ts"], testTimeout: 180_000, hookTimeout: 300_000 };

/** Unit tests and those in a browser first, then files with servers and replicas, then the rest. No test is ever retried. */
export default defineConfig({
  test: {
    retry: 0,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.container.test.ts", "test/**/*.browser.test.ts"],
          testTimeout: 20_000,
          maxWorkers: atOnce,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/**/*.browser.test.ts"],
          globalSetup: ["test/browser-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: atOnce,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...container,
          name: "server",
          include: ["test/**/*.container.test.ts"],
          exclude: [...replicas, ...wholeMachine],
          maxWorkers: atOnce,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...container,
          name: "replica",
          include: replicas,
          maxWorkers: atOnce,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...container,
          name: "container",
          include: wholeMachine,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
    // Root options: vitest takes them from here only.
    sequence: { sequencer: LongFirst },
    teardownTimeout: 120_000,
  },
});
