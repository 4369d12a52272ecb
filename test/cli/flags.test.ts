import { expect, it } from "vitest";
import { choice, duration, integer, parseFlags, texts, toggle } from "../../src/cli/flags.ts";

const table = {
  only: texts("PATTERN", "…"),
  keepOnFail: toggle("…"),
  deadline: duration(undefined, "…"),
  retain: integer({ min: 1, max: 9 }, 3, "…"),
  profile: choice(["core", "full"], "core", "…"),
};

it("gives every flag its fallback", () => {
  expect(parseFlags(table, [], "t")).toEqual({
    flags: { only: [], keepOnFail: false, deadline: undefined, retain: 3, profile: "core" },
    positionals: [],
  });
});

it("reads each kind of value, collects what may be repeated, and keeps positionals in order", () => {
  const args = [
    "a",
    "--only",
    "x/*,y",
    "--only=-z",
    "--keep-on-fail",
    "--deadline",
    "1h30m",
    "--retain=9",
    "--profile",
    "full",
    "--",
    "--b",
  ];
  expect(parseFlags(table, args, "t")).toEqual({
    flags: { only: ["x/*", "y", "-z"], keepOnFail: true, deadline: 5_400_000, retain: 9, profile: "full" },
    positionals: ["a", "--b"],
  });
});
