import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { inWords } from "../../../src/engine/undo/step.ts";

test("what a person would type means the same to a shell", () => {
  const argv = ["sh", "-ec", `echo "$1"; [ -e 'it' ] || exit 0\n# next`, "a b", "", "*", "x=1"];
  const words = inWords({ do: "exec", container: "0123456789abcdef", argv });
  expect(words).toMatch(/^docker exec 0123456789ab sh -ec /);
  const seen = execFileSync("sh", [
    "-c",
    `show() { for word in "$@"; do printf '%s\\0' "$word"; done; }; ${words.replace("docker exec 0123456789ab", "show")}`,
  ]);
  expect(seen.toString().split("\0").slice(0, -1)).toEqual(argv);
});

test("what needs no quoting has none", () => {
  expect(inWords({ do: "unpause", container: "0123456789abcdef" })).toBe("docker unpause 0123456789ab");
});
