import { expect, test } from "vitest";
import { limitsFrom } from "../../../src/fault/resource/descriptors.ts";

test("each process with its limits, the number that it would get next, and what the scripts are told of it", () => {
  expect(limitsFrom("31,1234,1024,4096,999,998,7\n44,1250,1024,4096,0,0,3\n")).toEqual([
    { pid: 31, started: "1234", soft: 1024, hard: 4096, next: 7, word: "31,1234,1024,4096,999,998" },
    { pid: 44, started: "1250", soft: 1024, hard: 4096, next: 3, word: "44,1250,1024,4096,0,0" },
  ]);
});

test("none of a cgroup that is gone", () => {
  expect(limitsFrom("")).toEqual([]);
});
