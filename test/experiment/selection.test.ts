import { expect, test } from "vitest";
import { referenceCandidate } from "../../src/candidate/reference/reference.ts";
import { check } from "../../src/check/check.ts";
import { select } from "../../src/experiment/selection.ts";
import { type Need, observation } from "../../src/probe/observation.ts";
import { substitute } from "../../src/substitute/plan.ts";

const plan = substitute(referenceCandidate("core"), (name) => ({ name, source: "recipe" }), { ipvs: true });
for (const [name, needs] of Object.entries({ plain: ["redis"], disk: ["redis", "node:data-disk"], other: ["mode:tailscale"] })) {
  const seen = observation(`selected/${name}`, {
    tier: "layer2",
    needs: needs as Need[],
    effect: "observe",
    collect: async () => {},
  });
  check(`selected/${name}`, seen, { title: name, service: "redis" }, () => ({ verdict: "unknown", reason: "never run" }));
}

test("a data disk is asked for by whoever needs one, and by nobody else", () => {
  expect(select(plan, ["selected/plain"])).toMatchObject({ dataDisk: false, tailnet: false, notApplicable: [] });
  expect(select(plan, ["selected/*"])).toMatchObject({ dataDisk: true, tailnet: true });
  expect(select(plan, ["selected/disk"]).checks[0]).toMatchObject({ needs: [expect.not.stringContaining(":")] });
});

test("where there is none, what needs one is not applicable, with the reason", () => {
  const chosen = select(plan, ["selected/*"], {}, { "node:data-disk": "no disk here" });
  expect(chosen).toMatchObject({ dataDisk: false, tailnet: true });
  expect(chosen.notApplicable).toEqual([{ check: "selected/disk", why: "no disk here" }]);
  expect(chosen.checks.map(({ id }) => id)).toEqual(["selected/plain", "selected/other"]);
});
