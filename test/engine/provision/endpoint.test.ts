import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { connect, defaultSockets, findEndpoints } from "../../../src/engine/provision/endpoint.ts";
import { reach, reachFirst } from "../../../src/engine/provision/reach.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

async function addContext(folder: string, name: string, host: string, tls = false): Promise<void> {
  const id = createHash("sha256").update(name).digest("hex");
  await mkdir(join(folder, "contexts/meta", id), { recursive: true });
  await writeFile(
    join(folder, "contexts/meta", id, "meta.json"),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  if (!tls) return;
  await mkdir(join(folder, "contexts/tls", id, "docker"), { recursive: true });
  await writeFile(join(folder, "contexts/tls", id, "docker/cert.pem"), "");
}

it("takes DOCKER_HOST before any context", async () => {
  const place = await temporaryFolder();
  await addContext(join(place, ".docker"), "other", "unix:///other.sock");
  const env = { DOCKER_HOST: "tcp://engine:2376", DOCKER_CERT_PATH: "/certs", DOCKER_CONTEXT: "other" };
  expect(await findEndpoints(env, place)).toEqual([{ host: "tcp://engine:2376", source: "DOCKER_HOST", certificates: "/certs" }]);
});

it("takes DOCKER_CONTEXT before the current context, and either before a socket", async () => {
  const place = await temporaryFolder();
  const settings = join(place, ".docker");
  await addContext(settings, "current", "unix:///current.sock");
  await addContext(settings, "asked", "tcp://asked:2376", true);
  await writeFile(join(settings, "config.json"), JSON.stringify({ currentContext: "current" }));
  expect(await findEndpoints({}, place)).toEqual([{ host: "unix:///current.sock", source: "context current" }]);
  expect(await findEndpoints({ DOCKER_CONTEXT: "asked" }, place)).toEqual([
    {
      host: "tcp://asked:2376",
      source: "context asked",
      certificates: expect.stringMatching(/contexts\/tls\/[0-9a-f]{64}\/docker$/),
    },
  ]);
});

it("says which context has no definition", async () => {
  await expect(findEndpoints({ DOCKER_CONTEXT: "gone" }, await temporaryFolder())).rejects.toMatchObject({
    code: "E_DOCKER_CONTEXT",
    exitCode: 3,
    message: expect.stringContaining('"gone"'),
  });
});

it("takes the sockets that exist, the system's first, and the system's when none does", async () => {
  const place = await temporaryFolder();
  const runtime = join(place, "runtime");
  await mkdir(runtime);
  await writeFile(join(runtime, "docker.sock"), "");
  const found = (await findEndpoints({ XDG_RUNTIME_DIR: runtime, DOCKER_CONTEXT: "default" }, place)).map(
    (endpoint) => endpoint.host,
  );
  expect(found).toContain(`unix://${join(runtime, "docker.sock")}`);
  expect(found).not.toContain(`unix://${join(place, ".docker/run/docker.sock")}`);
  expect(defaultSockets({}, place)[0]).toBe("/var/run/docker.sock");
});

it.each(["ftp://x", "tcp://", "::::"])("refuses the address %s", async (host) => {
  await expect(connect({ host, source: "DOCKER_HOST" })).rejects.toMatchObject({ code: "E_DOCKER_HOST", exitCode: 3 });
});

it("asks the next endpoint when one is silent, within its bound, and tells why each failed", async () => {
  const silent = createTcpServer(() => {});
  const engine = createServer((_request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ Version: "99.1", ApiVersion: "1.77" }));
  });
  for (const server of [silent, engine]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const at = (server: { address(): unknown }) => ({
    host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    source: "test",
  });
  try {
    const reached = await reachFirst([at(silent), at(engine)], 300);
    expect(reached).toMatchObject({ version: "99.1", api: "1.77", endpoint: at(engine) });
    expect(await reach(at(silent), 300)).toEqual({ endpoint: at(silent), error: "no answer within 300 ms" });
    expect(await reach({ host: "unix:///nowhere.sock", source: "test" })).toMatchObject({
      error: expect.stringContaining("ENOENT"),
    });
  } finally {
    silent.close();
    engine.closeAllConnections();
    engine.close();
  }
});
