import fc from "fast-check";
import { expect, it } from "vitest";
import { staticFindings } from "../../../src/candidate/findings/index.ts";
import type { Candidate, CandidateService } from "../../../src/candidate/types.ts";
import { aCandidate, aService } from "./a-candidate.ts";

/** Pieces that rules look for, so that chance meets them. */
const piece = fc.oneof(
  fc.string({ maxLength: 30, unit: "binary" }),
  fc.constantFrom(
    ..."${ ${secret: } {{ }} Host(` `) &#x3D; [secret] undefined postgres:// @ : host= sslmode=disable bucket = \" ' [[outputs.influxdb_v2]] { [ traefik.http.routers. .rule traefik.enable true node.labels. == password token \n , https://api. -----BEGIN".split(
      " ",
    ),
  ),
);
const text = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(""));
const table = fc.dictionary(text, text, { maxKeys: 4 });
const service: fc.Arbitrary<CandidateService> = fc
  .record({
    name: text,
    stack: text,
    image: text,
    env: table,
    labels: table.map((labels) => ({ ...labels, "traefik.enable": "true" })),
    args: fc.array(text, { maxLength: 3 }),
    networks: fc.array(text, { maxLength: 2 }),
    mounts: fc.array(fc.record({ type: fc.constant("bind" as const), source: text, target: text, readOnly: fc.boolean() }), {
      maxLength: 2,
    }),
    configs: fc.array(fc.record({ source: text, target: text }), { maxLength: 2 }),
    logDriver: fc.record({ name: text, options: table }),
    placement: fc.record({ constraints: fc.array(text, { maxLength: 2 }) }),
  })
  .map((changes) => aService(changes.name, changes));
const candidate: fc.Arbitrary<Candidate> = fc
  .tuple(
    fc.array(service, { maxLength: 4 }),
    fc.array(fc.record({ name: text, content: text }), { maxLength: 3 }),
    fc.array(
      fc.record({ name: text, driver: fc.constant("local"), driverOpts: fc.record({ o: fc.constant("bind"), device: text }) }),
      {
        maxLength: 3,
      },
    ),
    text,
  )
  .map(([services, configs, volumes, domain]) => aCandidate(services, { configs, volumes, domain }));

it("no definition, however strange, makes a rule throw, and each finding has a place and a sentence", () => {
  fc.assert(
    fc.property(candidate, (strange) => {
      for (const { place, what } of staticFindings(strange)) expect([typeof place, what.length > 0]).toEqual(["string", true]);
    }),
    { numRuns: 300 },
  );
});

it("no rule shows the value of what is called a password, wherever it stands", () => {
  const value = fc.stringMatching(/^[A-Z][a-z0-9]{10}[A-Z0-9]{10}$/);
  const holder = fc.constantFrom<(value: string) => Candidate>(
    (met) => aCandidate([aService("a", { env: { DB_PASSWORD: met, URL: `amqp://u:${met}@h/undefined?a&#x3D;1` } })]),
    (met) => aCandidate([aService("a", { args: ["--password", met, `--token=${met}&#x3D;`] })]),
    (met) => aCandidate([], { configs: [{ name: "c", content: `{"password":"${met}&#x3D;","host":"undefined"}` }] }),
    (met) => aCandidate([], { configs: [{ name: "c", content: `url: postgres://u:${met}@db:5432/[secret]?sslmode=disable` }] }),
    (met) => aCandidate([], { configs: [{ name: "c", content: `api_token = "${met}{{x}}"` }] }),
  );
  fc.assert(
    fc.property(value, holder, (met, hold) => {
      expect(JSON.stringify(staticFindings(hold(met)))).not.toContain(met);
    }),
    { numRuns: 300 },
  );
});

it("a large config does not hold the rules up", () => {
  const content = `${'"host=postgres://${a:'.repeat(50_000)}{{`;
  const started = performance.now();
  staticFindings(
    aCandidate([aService("a", { configs: [{ source: "c", target: "/c" }] })], { configs: [{ name: "c", content }] }),
  );
  expect(performance.now() - started).toBeLessThan(10_000);
});
