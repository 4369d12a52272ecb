import { afterAll, expect, it } from "vitest";
import { checks } from "../../src/check/check.ts";
import { seenOf } from "../../src/check/seen.ts";
import { Observer } from "../../src/experiment/observe.ts";
import { readHistory } from "../../src/history/reader.ts";
import { observations } from "../../src/probe/observation.ts";
import "../../suites/access/certificates.ts";
import { type Start, startReplica } from "./a-replica.ts";

// Layer 1 of the reference, whose Traefik proves its names by HTTP-01 on the entry point `web`.
let start: Start;
afterAll(async () => {
  expect((await start?.down())?.left).toEqual([]);
});

it("a Traefik that is told to use HTTP-01 gets its certificates too", async () => {
  start = await startReplica({
    upTo: "layer1",
    change(candidate) {
      const config = candidate.configs.find((one) => one.name === "traefik-config");
      if (!config?.content.includes("tlsChallenge: {}")) throw new Error("the reference's Traefik has no TLS challenge");
      config.content = config.content.replace("tlsChallenge: {}", "httpChallenge: { entryPoint: web }");
    },
  });
  const replica = await start.replica;
  const observer = new Observer(replica, start.history, new AbortController().signal, () => {});
  const wanted = ["access/acme-issued", "access/acme-renewed"];
  await observer.together(observations().filter(({ id }) => wanted.includes(id)));
  await start.history.flush();
  const { events } = readHistory(start.history.folder);
  for (const id of wanted) {
    const { seen } = seenOf(id, events, () => []);
    expect(
      checks()
        .find((one) => one.id === id)
        ?.judge(seen),
    ).toMatchObject({ verdict: "pass" });
  }
  const { orders } = (await replica.issuance?.control.log()) ?? { orders: [] };
  expect(orders.map(({ identifiers, status, validated }) => ({ identifiers, status, validated }))).toEqual(
    expect.arrayContaining(
      ["api", "fa", "traefik"].map((name) => ({
        identifiers: [`${name}.sprocket.example`],
        status: 201,
        validated: ["http-01"],
      })),
    ),
  );
});
