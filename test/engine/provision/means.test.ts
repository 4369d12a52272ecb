import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findMeans, type Machine } from "../../../src/engine/provision/install.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const debian = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\n';
const ubuntu = 'PRETTY_NAME="Ubuntu 24.04 LTS"\nID=ubuntu\nID_LIKE=debian\n';
const mint = 'PRETTY_NAME="Linux Mint 22"\nID=linuxmint\nID_LIKE="ubuntu debian"\n';
const fedora = 'PRETTY_NAME="Fedora Linux 42"\nID=fedora\n';

async function machine(osRelease: string, programs: string[], more: Partial<Machine> = {}): Promise<Machine> {
  const folder = await temporaryFolder();
  for (const program of programs) {
    await writeFile(join(folder, program), "");
    await chmod(join(folder, program), 0o755);
  }
  return { platform: "linux", root: true, osRelease, path: ["/nowhere", folder], ...more };
}

it.each([
  ["Debian", debian],
  ["Ubuntu", ubuntu],
  ["a relative of Ubuntu", mint],
])("can install on %s as root", async (_name, osRelease) => {
  expect(await findMeans(await machine(osRelease, ["apt-get"]))).toMatchObject({ can: "install" });
});

it("only starts a daemon that is there already, on any Linux, also where a client of another version is there", async () => {
  const given = await machine(fedora, ["dockerd", "docker"]);
  expect(await findMeans(given)).toEqual({ can: "start", daemon: join(given.path[1] ?? "", "dockerd") });
});

it("a client without a daemon is no engine", async () => {
  expect(await findMeans(await machine(debian, ["docker", "apt-get"]))).toMatchObject({ can: "install" });
});

it("can do nothing, and says why", async () => {
  expect(await findMeans(await machine(fedora, ["dnf"]))).toEqual({
    can: "nothing",
    why: "Fedora Linux 42 is neither Debian nor Ubuntu",
  });
  expect(await findMeans(await machine(debian, ["dockerd"], { root: false }))).toEqual({
    can: "nothing",
    why: "this user is not root",
  });
  expect(await findMeans(await machine("", [], { platform: "darwin" }))).toMatchObject({
    can: "nothing",
    why: expect.stringContaining("darwin"),
  });
  expect(await findMeans(await machine(debian, []))).toMatchObject({
    can: "nothing",
    why: expect.stringContaining("no apt-get"),
  });
});
