import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take over a minute, longest first (seconds on 2 cores, three at a time, 2026-11-26): begun last, each would be waited for alone. */
const long = [
  "test/fault/outside.container.test.ts", // 181
  "test/apps/dependencies.container.test.ts", // 160
  "test/fault/of-a-role.container.test.ts", // 130
  "test/experiment/chaos.container.test.ts", // 124
  "test/fault/network.container.test.ts", // 111
  "test/load/k6-scripts.container.test.ts", // 98
  "test/experiment/gate.container.test.ts", // 86
  "test/engine/pulumi/import.container.test.ts", // 80
  "test/cli/pack.container.test.ts", // 62
  "test/experiment/tiny-stack.container.test.ts", // 58
];

/** vitest begins with the largest files of each project in turn, where it has no record of an earlier run; a fresh clone has none. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = long.findIndex((file) => moduleId.endsWith(`/${file}`));
      return at < 0 ? long.length : at;
    };
    const order = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return (await super.sort(files)).sort((a, b) => order(a) - order(b) || rank(a) - rank(b));
  }
}
