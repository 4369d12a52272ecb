import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { exportCompose } from "../../../src/candidate/compose/export.ts";
import { importCompose } from "../../../src/candidate/compose/import.ts";
import { interpolate } from "../../../src/candidate/compose/interpolate.ts";
import { derive } from "../../../src/candidate/derive/derive.ts";
import { referenceCandidate } from "../../../src/candidate/reference/reference.ts";
import { ResilienceError } from "../../../src/history/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

/** One seed, so that a red run is red again; `FUZZ_SEED` and `FUZZ_RUNS` look further. */
const seed = Number(process.env.FUZZ_SEED ?? 20260208);
const runs = (numRuns: number) => ({ seed, numRuns: Number(process.env.FUZZ_RUNS ?? numRuns) });

/** Imports it and derives from it; whatever it is, nothing but an error of ours may come of it. */
async function survives(content: string | Uint8Array, root: string): Promise<"definition" | "refused"> {
  const file = join(root, "stack.yaml");
  await writeFile(file, content);
  try {
    const { definition, differences } = await importCompose({ files: [file], root });
    expect(definition.services.length).toBeGreaterThan(0);
    expect(Array.isArray(differences)).toBe(true);
    derive(definition);
    return "definition";
  } catch (thrown) {
    if (!(thrown instanceof ResilienceError)) throw thrown;
    expect(thrown).toMatchObject({ code: expect.stringMatching(/^E_COMPOSE_[A-Z_]+$/), exitCode: 3 });
    expect(thrown.message).not.toMatch(/[\n\0]/);
    expect(thrown.cure).not.toBe("");
    return "refused";
  }
}

it("any bytes", async () => {
  const root = await temporaryFolder();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (content) => void (await survives(content, root))),
    runs(300),
  );
});

it("any words of YAML", async () => {
  const root = await temporaryFolder();
  const word = fc.constantFrom(
    ..."services: |image: |a|\n|  |    |- |: |[|]|{|}|&a |*a |<<: |!x |? ||| >|\"|'|#|${A}|${|$|---\n|null|0440|2001-01-01|deploy:|ports:|\t|%|@|~".split(
      "|",
    ),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => void (await survives(words.join(""), root))),
    runs(500),
  );
});

/** Keys of the specification beside any others, so that much gets past the schema. */
const keys = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ..."image command entrypoint environment deploy labels ports volumes configs secrets networks healthcheck logging extra_hosts user tmpfs restart env_file mode replicas placement constraints resources limits memory cpus driver driver_opts name external file content source target type test interval disable aliases ipam config subnet published protocol options x-sprocket-resilience tier platforms".split(
        " ",
      ),
    ),
  },
  { weight: 1, arbitrary: fc.string() },
  { weight: 1, arbitrary: fc.constantFrom("__proto__", "constructor", "toString", "valueOf", "hasOwnProperty", "<<", "") },
);
const leaves = fc.oneof(
  fc.constantFrom(
    "a",
    "a:b",
    "/a:/b:ro",
    "80:80",
    "1-3:4-6/udp",
    "10s",
    "1G",
    "0.5",
    "true",
    "A=b",
    "${A}",
    "${A:-b}",
    "${SECRET_KEY}",
    "$",
    "./x",
    "../x",
    "~/x",
    "a'b",
    "CMD",
    "",
    "bind",
    "tmpfs",
    "volume",
    "host",
    "layer1",
    "db:10.0.0.1",
    "${secret:x}",
    "\u0000",
    "postgres://a:b@db.example.com:1/x",
  ),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);
const { tree } = fc.letrec<{ tree: unknown; map: unknown }>((tie) => ({
  tree: fc.oneof({ depthSize: "small", maxDepth: 4 }, leaves, fc.array(tie("tree"), { maxLength: 3 }), tie("map")),
  map: fc.dictionary(keys, tie("tree"), { maxKeys: 5 }),
}));
const names = fc.constantFrom("a", "b", "default", "redis");
const section = fc.option(
  fc.dictionary(names, fc.oneof(tree, fc.constant({}), fc.constant({ external: true })), { maxKeys: 3 }),
  { nil: undefined },
);
const service = fc.oneof(
  tree,
  fc.tuple(fc.dictionary(keys, tree, { maxKeys: 4 })).map(([rest]) => ({ ...rest, image: "a" })),
);

it("any object that is like a stack", async () => {
  const root = await temporaryFolder();
  const stack = fc.record(
    {
      services: fc.dictionary(fc.oneof(names, keys), service, { minKeys: 1, maxKeys: 3 }),
      networks: section,
      volumes: section,
      configs: section,
      secrets: section,
      "x-sprocket-resilience": fc.option(tree, { nil: undefined }),
    },
    { requiredKeys: ["services"] },
  );
  const seen = { definition: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(stack, async (content) => {
      seen[await survives(JSON.stringify(content), root)] += 1;
    }),
    runs(600),
  );
  // A property that is only ever refused at the door would say little.
  expect(seen.definition).toBeGreaterThan(0);
  expect(seen.refused).toBeGreaterThan(0);
});

it("a real stack with a piece of it torn out and put elsewhere", async () => {
  const root = await temporaryFolder();
  const text = exportCompose(referenceCandidate());
  const place = fc.integer({ min: 0, max: text.length });
  await fc.assert(
    fc.asyncProperty(place, fc.integer({ min: 0, max: 200 }), place, async (from, length, to) => {
      const piece = text.slice(from, from + length);
      const rest = text.slice(0, from) + text.slice(from + length);
      await survives(rest.slice(0, to) + piece + rest.slice(to), root);
    }),
    runs(80),
  );
});

it("any text with variables is replaced or refused, and one with its dollars doubled is itself", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("$", "{", "}", ":", "-", "?", "+", "A", "b", "_", "1", " ") }), (text) => {
      expect(interpolate(text.replaceAll("$", "$$$$"), { value: () => undefined, unset: () => "" })).toBe(text);
      try {
        expect(typeof interpolate(text, { value: (name) => (name === "A" ? "" : undefined), unset: () => "x" })).toBe("string");
      } catch (thrown) {
        expect((thrown as Error).constructor.name).toBe("BadInterpolation");
      }
    }),
    runs(2000),
  );
});
