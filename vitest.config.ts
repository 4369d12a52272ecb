import { defineConfig } from "vitest/config";

/** Containers share one machine: their files run one after another, and only after the fast ones. No test is ever retried. */
export default defineConfig({
  test: {
    retry: 0,
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/**/*.container.test.ts"],
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "container",
          include: ["test/**/*.container.test.ts"],
          globalSetup: ["test/container-setup.ts"],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    // Root option: vitest takes it from here only.
    teardownTimeout: 120_000,
  },
});
