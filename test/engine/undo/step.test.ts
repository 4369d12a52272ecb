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

const id = "0123456789ab".padEnd(64, "c");

test("each step is what a person would type; a name is not cut", () => {
  expect(inWords({ do: "exec", container: id, argv: ["sh", "-c", "a; b"] })).toBe("docker exec 0123456789ab sh -c 'a; b'");
  expect(inWords({ do: "unpause", container: id })).toBe("docker unpause 0123456789ab");
  expect(inWords({ do: "remove", container: "sr-run-sr-1" })).toBe("docker rm -f sr-run-sr-1");
  expect(inWords({ do: "start", container: id, addresses: { net: "10.1.2.3" } })).toBe(
    "docker network disconnect net 0123456789ab && docker network connect --ip 10.1.2.3 net 0123456789ab && docker start 0123456789ab",
  );
  expect(inWords({ do: "beside", container: id, image: "sha256:0123456789abcdef", labels: {}, argv: ["nft", "list"] })).toBe(
    "docker run --rm --network container:0123456789ab --cap-add NET_ADMIN sha256:0123456789ab nft list",
  );
});
