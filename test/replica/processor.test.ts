import { expect, it } from "vitest";
import { accountFolder, accountOf } from "../../src/replica/processor.ts";

it("finds the account of a process in either version of cgroups", () => {
  expect(accountFolder("12:memory:/docker/a\n4:cpu,cpuacct:/docker/a/sprocket/b\n1:name=systemd:/x\n0::/\n")).toEqual({
    folder: "/sys/fs/cgroup/cpu,cpuacct/docker/a/sprocket/b",
    version: 1,
  });
  expect(accountFolder("5:cpuset:/\n3:cpu:/docker/a")).toEqual({ folder: "/sys/fs/cgroup/cpu/docker/a", version: 1 });
  expect(accountFolder("0::/docker/a/b")).toEqual({ folder: "/sys/fs/cgroup/docker/a/b", version: 2 });
  expect(accountFolder("")).toBeUndefined();
});

it("reads limit and throttling as the kernel writes them", () => {
  expect(accountOf("nr_periods 300\nnr_throttled 290\nthrottled_time 27500000000", "2000", "100000")).toEqual({
    limit: 0.02,
    periods: 300,
    throttled: 290,
    throttledMs: 27_500,
  });
  expect(accountOf("usage_usec 9\nnr_periods 40\nnr_throttled 4\nthrottled_usec 125000", "150000", "100000")).toEqual({
    limit: 1.5,
    periods: 40,
    throttled: 4,
    throttledMs: 125,
  });
});

it("has no limit where the kernel says so", () => {
  const none = { periods: 0, throttled: 0, throttledMs: 0 };
  expect(accountOf("nr_periods 0\nnr_throttled 0\nthrottled_time 0", "-1", "100000")).toEqual(none);
  expect(accountOf("usage_usec 5", "max", "100000")).toEqual(none);
});
