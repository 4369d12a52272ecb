import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, it, onTestFinished } from "vitest";
import { runInProcess } from "../cli/io.ts";

it("plan needs no engine, says so of each image, and is what its schema allows", async () => {
  const before = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = "unix:///nowhere/docker.sock";
  onTestFinished(() => {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  });
  const { exitCode, out, err } = await runInProcess(["plan", "--json"], { env: process.env });
  expect([exitCode, err]).toEqual([0, ""]);
  const plan = JSON.parse(out);
  const schema = JSON.parse(readFileSync(new URL("../../docs/schemas/plan.schema.json", import.meta.url), "utf8"));
  const validate = new Ajv2020({ strict: false }).compile(schema);
  expect([validate(plan), validate.errors]).toEqual([true, null]);
  expect(plan.services.find((service: { name: string }) => service.name === "traefik")).toMatchObject({
    tier: "layer1",
    needs: ["traefik-socket-sock-proxy"],
  });
  expect(plan.order.map((one: { tier: string }) => one.tier)).toEqual(["layer1", "layer2", "platform"]);
  expect(new Set(plan.images.map((image: { present: string }) => image.present))).toEqual(new Set(["unknown"]));
  expect(plan.node.binds).toContainEqual(
    expect.objectContaining({ service: "traefik-socket-sock-proxy", source: "/var/run/docker.sock", readOnly: true }),
  );
  expect(plan.checks.length).toBeGreaterThan(0);
});

it("plan --profile full lists the program's 29 services with Vault, Neo4j and N8n, whether they can be reproduced or not", async () => {
  const { exitCode, out } = await runInProcess(["plan", "--profile", "full", "--json"], {
    env: { ...process.env, DOCKER_HOST: "unix:///nowhere/docker.sock" },
  });
  expect(exitCode).toBe(0);
  const plan = JSON.parse(out) as { services: { name: string; source: string }[]; order: { services: string[] }[] };
  expect(plan.services).toHaveLength(29 + 3);
  const starting = plan.order.flatMap((one) => one.services);
  const left = plan.services.filter((service) => service.source === "not-reproduced").map((service) => service.name);
  expect([...starting, ...left].sort()).toEqual(plan.services.map((service) => service.name).sort());
});
