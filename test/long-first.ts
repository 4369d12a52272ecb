import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Files that take long (seconds on 2 cores, three at a time, 2026-11-26): begun last, each would be waited for alone. Those that mostly wait come beside those that keep the processor busy.
 */
const long = [
  "test/fault/outside.container.test.ts", // 185, waits
  "test/engine/pulumi/import.container.test.ts", // 143, busy
  "test/apps/dependencies.container.test.ts", // 158, waits
  "test/experiment/gate.container.test.ts", // 100, busy
  "test/fault/network.container.test.ts", // 126, waits
  "test/fault/of-a-role.container.test.ts", // 115, waits
  "test/experiment/chaos.container.test.ts", // 114
  "test/cli/pack.container.test.ts", // 72, busy
  "test/load/k6-scripts.container.test.ts", // 60, waits
  "test/experiment/tiny-stack.container.test.ts", // 44, busy
  "test/engine/agent-own.test.ts", // 26
  "test/instruments/capacity.test.ts", // 25
  "test/apps/contract.test.ts", // 19
  "test/instruments/outages.test.ts", // 13
  "test/apps/parts.test.ts", // 10
  "test/engine/agent-series.test.ts", // 10
  "test/engine/agent-ledgers.test.ts", // 10
];

/** vitest begins with the largest files of each project in turn, where it has no record of an earlier run; a fresh clone has none. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((file) => moduleId.endsWith(`/${file}`));
      return at < 0 ? long.length : at;
    };
    const order = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).sort((a, b) => order(a) - order(b) || rank(a) - rank(b));
  }
}
