import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportCompose } from "../../../src/candidate/compose/export.ts";
import { folderFiles } from "../../../src/candidate/compose/folder-files.ts";
import { derive } from "../../../src/candidate/derive/derive.ts";
import { bindDirectory } from "../../../src/candidate/findings/bind-directory.ts";
import { candidateHash } from "../../../src/candidate/hash.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { stack } from "./a-stack.ts";

const folder = {
  "conf/b/site.conf": "b\n",
  "conf/a.conf": "a\n",
  "conf/tls.key": "never read",
  ".env": "NEVER=read",
  "run.sh": "#!/bin/sh\n",
  "big.txt": "x".repeat(1000 * 1024 + 1),
  "data.bin": "\u0000\u0000",
  "other/x": "not bound",
};
const bound = ["./conf:/conf", "./run.sh:/run.sh", "./no:/no", "./.env:/env", "./big.txt:/b", "/srv/conf:/c"];
const text = `services:\n  it: {image: a, volumes: ${JSON.stringify(bound)}}`;

it("lie on the node with their content; secrets and what is too large lie there empty, as a difference", async () => {
  const { definition, differences } = await stack(text, folder);
  expect(definition.files).toEqual([
    { path: "/checkout/.env", content: "", mode: 0o644 },
    { path: "/checkout/big.txt", content: "", mode: 0o644 },
    { path: "/checkout/conf/a.conf", content: "a\n", mode: 0o644 },
    { path: "/checkout/conf/b/site.conf", content: "b\n", mode: 0o644 },
    { path: "/checkout/conf/tls.key", content: "", mode: 0o644 },
    { path: "/checkout/run.sh", content: "#!/bin/sh\n", mode: 0o644 },
  ]);
  expect(differences.filter(({ got }) => got.startsWith("empty")).map(({ asked }) => asked)).toEqual([
    "conf of the folder that is deployed from: conf/tls.key (its name says that it holds secrets)",
    ".env of the folder that is deployed from: .env (its name says that it holds secrets)",
    "big.txt of the folder that is deployed from: big.txt (more than 1024000 bytes)",
  ]);
});

it("of a folder that is not there are a finding, those that are there are none", async () => {
  const candidate = derive((await stack(text, folder)).definition);
  expect(bindDirectory.find(candidate).map(({ what }) => what)).toEqual([
    expect.stringContaining("it binds /checkout/no of"),
    expect.stringContaining("it binds /srv/conf of"),
  ]);
  expect(candidate.host.filter(({ type }) => type === "directory")).toMatchObject([
    { path: "/checkout/conf" },
    { path: "/checkout/no" },
    { path: "/srv/conf" },
  ]);
});

it("are part of the candidate's hash, and go with an exported stack file", async () => {
  const candidate = derive((await stack(text, folder)).definition);
  const changed = derive((await stack(text, { ...folder, "conf/a.conf": "c\n" })).definition);
  expect(candidateHash(changed)).not.toBe(candidateHash(candidate));
  const again = derive((await stack(exportCompose(candidate))).definition);
  expect(again.host).toEqual(candidate.host);
});

it("follow links inside the folder and none that leads out of it", async () => {
  const root = await temporaryFolder();
  const outside = await temporaryFolder();
  await writeFile(join(outside, "x"), "outside");
  await writeFile(join(root, "x"), "inside", { mode: 0o755 });
  await symlink(join(outside, "x"), join(root, "out"));
  await symlink("x", join(root, "in"));
  await symlink(".", join(root, "round"));
  expect(await folderFiles(root, ".")).toEqual([
    { path: "in", content: Buffer.from("inside"), executable: true },
    { path: "x", content: Buffer.from("inside"), executable: true },
  ]);
});
