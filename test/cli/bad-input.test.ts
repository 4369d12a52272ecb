import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { runInProcess } from "./io.ts";
import { violations } from "./schemas.ts";

/** First line of stderr: the one sentence, behind its code. */
async function refusalOf(args: string[], given: Parameters<typeof runInProcess>[1] = {}): Promise<string> {
  const { exitCode, out, err } = await runInProcess(args, given);
  expect({ exitCode, out }).toEqual({ exitCode: 3, out: "" });
  const [sentence = "", cure = "", ...rest] = err.split("\n");
  expect(cure).toMatch(/^cure: \S/);
  expect(rest).toEqual([""]);
  return sentence;
}

describe("bad input is one sentence: what, where, what is allowed, the nearest right spelling", () => {
  it.each([
    [["gaet"], 'E_BAD_INPUT: Unknown command "gaet" on the command line: allowed are doctor, plan,', 'did you mean "gate"?'],
    [["gate", "--onyl", "x"], 'E_BAD_INPUT: Unknown flag "--onyl" of `gate`: allowed are --only,', 'did you mean "--only"?'],
    [
      ["gate", "--candidate", "refrence"],
      'Unknown value "refrence" for --candidate of `gate`: allowed is `reference`, a folder',
      'did you mean "reference"?',
    ],
    [["images", "lsit"], 'Unknown action "lsit" of `images`: allowed are list, build, pull, save, load', 'did you mean "list"?'],
    [["gate", "--seed", "-1"], "Missing value for --seed of `gate`", "allowed is --seed N."],
    [["gate", "--seed", "1.5"], 'Wrong value "1.5" for --seed of `gate`', "a whole number from 0 to 4294967295."],
    [["gate", "--deadline", "10"], 'Wrong value "10" for --deadline of `gate`', "such as 90s, 10m or 1h30m."],
    [["gate", "--deadline", "0s"], 'Wrong value "0s" for --deadline of `gate`', "above zero"],
    [["gate", "--only"], "Missing value for --only of `gate`", "--only PATTERN"],
    [["gate", "--only", "--keep-on-fail"], "Missing value for --only of `gate`", "--only PATTERN"],
    [["gate", "--only="], "Empty value for --only of `gate`", "not empty"],
    [["gate", "--keep-on-fail=yes"], 'Unexpected value "yes" for --keep-on-fail of `gate`', "takes none"],
    [["gate", "--seed", "1", "--seed", "2"], "--seed of `gate` is given twice", "one value"],
    [["gate", "layer1"], 'Unexpected argument "layer1" of `gate`', "allowed is no argument."],
    [["judge"], "Missing argument of `judge`", "RUN_DIR"],
    [["images", "save"], "Missing FILE of `images save`", "one path"],
    [["images", "load", "a.tar", "b.tar"], 'Unexpected argument "b.tar" of `images load`', "one FILE"],
    [["down", "--all", "some-run"], 'Both RUN "some-run" and --all of `down`', "one of them"],
    [["--only", "gate"], 'Flag "--only" before the command', "a command"],
    [[], "Missing command on the command line", "allowed are doctor,"],
    [["zzzzzzzzzz"], 'Unknown command "zzzzzzzzzz"', "sweep."],
  ])("%j", async (args, begins, contains) => {
    const sentence = await refusalOf(args);
    expect(sentence).toContain(begins);
    expect(sentence).toContain(contains);
  });

  it("gives no guess where nothing is near", async () => {
    expect(await refusalOf(["zzzzzzzzzz"])).not.toContain("did you mean");
  });

  it("names a wrong environment value, its variable and the nearest right one", async () => {
    const sentence = await refusalOf(["doctor"], { env: { SPROCKET_IMAGES: "biuld" } });
    expect(sentence).toBe(
      'E_BAD_INPUT: Unknown value "biuld" in the environment variable SPROCKET_IMAGES: allowed are auto, pull, build, local; did you mean "build"?',
    );
  });

  it("names a misspelt variable of ours, and leaves Sprocket's own alone", async () => {
    expect(await refusalOf(["doctor"], { env: { SPROCKET_PROVISON: "never" } })).toContain('did you mean "SPROCKET_PROVISION"?');
    const { exitCode } = await runInProcess(["gate", "--help"], { env: { SPROCKET_WEB_URL: "x" } });
    expect(exitCode).toBe(0);
  });

  it("does not repeat the value of a variable that may hold a password", async () => {
    const sentence = await refusalOf(["doctor"], { env: { SPROCKET_REGISTRY: "http://user:hunter2@mirror" } });
    expect(sentence).toContain("SPROCKET_REGISTRY: allowed is HOST, HOST:PORT or HOST:PORT/PREFIX");
    expect(sentence).not.toContain("hunter2");
  });
});

describe("a missing or wrong file", () => {
  it("is named with the nearest one beside it", async () => {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, "runs"));
    await writeFile(join(cwd, "images.tar"), "");
    expect(await refusalOf(["images", "load", "imges.tar"], { cwd })).toContain(`the nearest is "${join(cwd, "images.tar")}"`);
    expect(await refusalOf(["images", "load", "runs"], { cwd })).toContain("allowed is a file, and this is a folder");
    expect(await refusalOf(["images", "save", "no/where.tar"], { cwd })).toContain(`Wrong folder "${join(cwd, "no")}"`);
    expect(await refusalOf(["judge", "run"], { cwd })).toContain(`the nearest is "${join(cwd, "runs")}"`);
    expect(await refusalOf(["judge", "runs"], { cwd })).toContain(`Missing file "${join(cwd, "runs", "history.jsonl")}"`);
  });
});

it("with --json the refusal is one document on stdout as well", async () => {
  const { exitCode, out, err } = await runInProcess(["gate", "--json", "--onyl", "x"]);
  expect(exitCode).toBe(3);
  expect(err).toContain("E_BAD_INPUT");
  expect(JSON.parse(out)).toMatchObject({
    format: "error",
    version: 1,
    command: "gate",
    error: { code: "E_BAD_INPUT" },
    exitCode: 3,
  });
  expect(violations(out)).toEqual([]);
  expect(violations(out.replace('"exitCode": 3', '"exitCode": 7'))).toEqual([expect.stringContaining("/exitCode")]);
});
