import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { inWords } from "../../../src/engine/undo/step.ts";

const id = "0123456789ab".padEnd(64, "c");

it("a step is what a person would type", () => {
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

it("a shell reads each word as the step has it", () => {
  const argv = ["sh", "-ec", `echo "$1"; [ -e 'it' ] || exit 0\n# next`, "a b", "", "*", "x=1"];
  const words = inWords({ do: "exec", container: id, argv }).replace(`docker exec ${id.slice(0, 12)}`, "show");
  const seen = execFileSync("sh", ["-c", `show() { printf '%s\\0' "$@"; }; ${words}`]);
  expect(seen.toString().split("\0").slice(0, -1)).toEqual(argv);
});
