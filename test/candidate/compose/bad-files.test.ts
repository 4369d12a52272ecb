import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { importCompose } from "../../../src/candidate/compose/import.ts";
import { ResilienceError } from "../../../src/history/errors.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const bad = fileURLToPath(new URL("bad/", import.meta.url));

/** File → code, what the sentence must say, and what the cure must. */
const expected: [file: string, code: string, sentence: RegExp, cure: RegExp][] = [
  ["not-yaml.yaml", "E_COMPOSE_YAML", /^not-yaml\.yaml:4: should be YAML but missing closing "quote/, /Correct/],
  ["two-documents.yaml", "E_COMPOSE_YAML", /one YAML document but holds 2/, /Split/],
  ["list.yaml", "E_COMPOSE_YAML", /should be a YAML mapping but is a list/, /services:/],
  ["unknown-tag.yaml", "E_COMPOSE_YAML", /^unknown-tag\.yaml:3: .*tag/, /Correct/],
  ["duplicate-key.yaml", "E_COMPOSE_DUPLICATE", /^duplicate-key\.yaml:4: the key "image"/, /Remove/],
  [
    "schema.yaml",
    "E_COMPOSE_SCHEMA",
    /^schema\.yaml:5: services\.web\.deploy\.replicas .*must be integer,string/,
    /Compose specification/,
  ],
  ["unknown-key.yaml", "E_COMPOSE_KEY", /^unknown-key\.yaml:4: services\.web .*"enviroment"/, /spelling/],
  ["network.yaml", "E_COMPOSE_NETWORK", /^network\.yaml:4: .*nothing defines "ingress-net"/, /networks:/],
  ["config.yaml", "E_COMPOSE_CONFIG", /^config\.yaml:5: .*nothing defines "site"/, /configs:/],
  ["secret.yaml", "E_COMPOSE_SECRET", /^secret\.yaml:4: .*nothing defines "token"/, /secrets:/],
  ["volume.yaml", "E_COMPOSE_VOLUME", /^volume\.yaml:5: .*nothing defines "data"/, /volumes:/],
  [
    "config-file-missing.yaml",
    "E_COMPOSE_CONFIG_FILE",
    /^config-file-missing\.yaml:6: .*"\.\/absent\.conf".*there is none/,
    /relative/,
  ],
  [
    "config-outside.yaml",
    "E_COMPOSE_OUTSIDE",
    /^config-outside\.yaml:6: .*"\.\.\/\.\.\/outside\.conf"/,
    /nothing outside it is read/,
  ],
  ["config-binary.yaml", "E_COMPOSE_BINARY", /"\.\/site\.bin".*UTF-8/, /UTF-8/],
  ["bind-outside.yaml", "E_COMPOSE_OUTSIDE", /^bind-outside\.yaml:5: .*"\.\.\/data" lies outside/, /absolute path/],
  ["duration.yaml", "E_COMPOSE_DURATION", /^duration\.yaml:6: .*"10 seconds"/, /ns, us, ms, s, m or h/],
  ["size.yaml", "E_COMPOSE_BYTES", /^size\.yaml:7: .*"much"/, /b, k, m, g or t/],
  ["port.yaml", "E_COMPOSE_PORT", /^port\.yaml:5: .*"80:99999"/, /Correct the port/],
  ["port-ranges.yaml", "E_COMPOSE_PORT", /one length/, /Correct the port/],
  ["value.yaml", "E_COMPOSE_VALUE", /^value\.yaml:5: .*replicated or global but is "replicated-job"/, /Correct/],
  ["quote.yaml", "E_COMPOSE_VALUE", /^quote\.yaml:4: .*a quote does not end/, /Close the quote/],
  ["variable.yaml", "E_COMPOSE_VARIABLE", /^variable\.yaml:3: .*NGINX_VERSION, REGION \("say where"\)\.$/, /\$\{NAME:-value\}/],
  ["interpolation.yaml", "E_COMPOSE_INTERPOLATION", /^interpolation\.yaml:5: /, /\$\$/],
  ["no-services.yaml", "E_COMPOSE_EMPTY", /^no-services\.yaml should define services/, /services:/],
  ["version-1.yaml", "E_COMPOSE_VERSION", /^version-1\.yaml:1: "web" .*version 1/, /services:/],
  ["circle.yaml", "E_COMPOSE_ALIASES", /^circle\.yaml: .*refer to themselves/, /anchors/],
  ["bomb.yaml", "E_COMPOSE_ALIASES", /^bomb\.yaml: .*100000 values/, /anchors/],
  ["env-file.yaml", "E_COMPOSE_ENV_FILE", /^env-file\.yaml:4: .*never opened/, /environment:/],
  ["extends.yaml", "E_COMPOSE_UNSUPPORTED", /^extends\.yaml:4: services\.web\.extends/, /docker compose config/],
  ["include.yaml", "E_COMPOSE_UNSUPPORTED", /^include\.yaml:1: include/, /included files/],
  ["bridge.yaml", "E_COMPOSE_UNSUPPORTED", /^bridge\.yaml:5: .*"bridge" network/, /overlay/],
  ["build-only.yaml", "E_COMPOSE_IMAGE", /^build-only\.yaml:2: services\.web/, /image:/],
  ["extension.yaml", "E_COMPOSE_EXTENSION", /^extension\.yaml: x-sprocket-resilience\.parties\.postgres\.port/, /leave it out/],
  ["binary.yaml", "E_COMPOSE_BINARY", /^binary\.yaml: .*UTF-8/, /UTF-8/],
  ["absent.yaml", "E_COMPOSE_FILE", /^absent\.yaml: .*there is none/, /path/],
];

async function refusal(files: string[], root: string): Promise<ResilienceError> {
  const thrown = await importCompose({ files, root }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ResilienceError);
  return thrown as ResilienceError;
}

it.each(expected)("%s is refused with %s", async (file, code, sentence, cure) => {
  const error = await refusal([join(bad, file)], bad);
  expect(error).toMatchObject({ code, exitCode: 3 });
  expect(error.message).toMatch(sentence);
  expect(error.message).toMatch(/^[^\n]*\.$/);
  expect(error.cure).toMatch(cure);
});

it("every file of the folder is spoken of", async () => {
  const files = (await readdir(bad)).filter((file) => file.endsWith(".yaml"));
  expect(expected.map(([file]) => file)).toEqual(expect.arrayContaining(files));
});

it("a file larger than any stack is refused unread", async () => {
  const root = await temporaryFolder();
  await writeFile(join(root, "huge.yaml"), `# ${"x".repeat(300_000)}`);
  expect(await refusal([join(root, "huge.yaml")], root)).toMatchObject({
    code: "E_COMPOSE_HUGE",
    message: expect.stringContaining("300002"),
  });
});

it("brackets without an end are refused before they are read", async () => {
  const root = await temporaryFolder();
  await writeFile(join(root, "deep.yaml"), "[".repeat(200_000));
  expect(await refusal([join(root, "deep.yaml")], root)).toMatchObject({ code: "E_COMPOSE_ALIASES" });
});

it("a link that leads out of the candidate's folder is not followed", async () => {
  const outside = await temporaryFolder();
  const root = await temporaryFolder();
  await writeFile(join(outside, "a.conf"), "not for this candidate");
  await mkdir(join(root, "configs"));
  await symlink(join(outside, "a.conf"), join(root, "configs/a.conf"));
  await writeFile(join(root, "stack.yaml"), "services: {a: {image: a}}\nconfigs: {a: {file: configs/a.conf}}\n");
  const error = await refusal([join(root, "stack.yaml")], root);
  expect(error.code).toBe("E_COMPOSE_OUTSIDE");
});

it("keys that every object has are unknown keys like any other", async () => {
  const root = await temporaryFolder();
  const port = (number: number) => `{target: ${number}, valueOf: 1, toString: 2, __proto__: 3}`;
  await writeFile(join(root, "stack.yaml"), `services: {a: {image: a, ports: [${port(1)}, ${port(2)}], constructor: x}}`);
  expect((await refusal([join(root, "stack.yaml")], root)).code).toBe("E_COMPOSE_KEY");
});
