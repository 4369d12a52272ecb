import { expect, it } from "vitest";
import { usageOf } from "../../src/experiment/resources.ts";

it("reads a process's account, whatever its name holds, children that ended included", () => {
  const fields = ["S", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 120, 30, 40, 10, 20, 0, 7, 0, 12345].join(" ");
  const usage = usageOf(`42 (a) b (c) ${fields}\n`, "Name:\ta\nVmHWM:\t  99999 kB\nVmRSS:\t   11264 kB\n");
  expect(usage).toEqual({ memoryBytes: 11 * 1024 * 1024, cpuSeconds: 2 });
});
