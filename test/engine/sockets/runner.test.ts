import { once } from "node:events";
import http from "node:http";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RunnerWatch } from "../../../src/engine/sockets/runner.ts";

const server = http.createServer((_, response) => response.end("here"));
let port: number;
beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it("sees what any library of this process connects to, and begins with its own time", async () => {
  await fetch(`http://127.0.0.1:${port}/before`).then((answer) => answer.text());
  const watch = new RunnerWatch();
  expect(watch.read().destinations).toEqual([]);
  await fetch(`http://localhost:${port}/`).then((answer) => answer.text());
  const secured = tls.connect(port, "127.0.0.1");
  await once(secured, "error");
  const unix = net.connect(join(tmpdir(), "nobody-listens-here.sock"));
  await once(unix, "error");
  // Nothing listens on it; the attempt counts all the same.
  const refused = net.connect(1, "127.0.0.1");
  await once(refused, "error");
  const { destinations, names } = watch.read();
  expect(destinations).toEqual([
    { address: join(tmpdir(), "nobody-listens-here.sock"), attempts: 1 },
    { address: "127.0.0.1", port: 1, attempts: 1 },
    { address: "127.0.0.1", port, attempts: 2 },
  ]);
  expect(names).toEqual(["localhost"]);
  expect(new RunnerWatch().read().destinations).toEqual([]);
});
