import { type AccessEvidence, evidenceOf } from "../../src/check/access/evidence.ts";
import { localName, waysIn } from "../../src/check/access/expected.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { all, fail, named, pass, unknown } from "../../src/check/expect.ts";
import { notLooked } from "../../src/check/http.ts";
import type { AccessRoute, ModeFact } from "../../src/history/access.ts";
import { modes } from "./modes.ts";

check(
  "access/names",
  modes,
  { title: "in each mode every name of a route has the entry point's address there, and no other", service: "traefik" },
  (seen) => {
    const evidence = evidenceOf(seen);
    const routes = evidence.entry.routes.filter(({ up }) => up);
    if (routes.length === 0) return unknown("no route's service came up");
    return all(
      evidence.modes.flatMap((mode) =>
        routes.flatMap((route) =>
          waysIn(evidence.entry, mode.mode, route)
            // A literal address is asked of nobody.
            .filter((by) => by === "name" || mode.mode === "localhost")
            .map((by) => {
              const name = by === "name" ? route.host : localName(route);
              return named(`${name} (${mode.mode})`, resolvesTo(evidence, mode, by, route));
            }),
        ),
      ),
    );
  },
);

function resolvesTo(evidence: AccessEvidence, mode: ModeFact, by: "name" | "address", route: AccessRoute): Judgement {
  const expected = `${mode.address} and nothing else`;
  const event = evidence.look(mode.mode, by, route);
  if (!event) return unknown("nobody asked", { expected });
  const mine = notLooked(event);
  if (mine) return { ...mine, expected };
  const { resolved } = event.sample;
  if (!resolved) return unknown("the sample does not say what the name resolved to", { expected });
  const observed = `${resolved.answers.join(", ") || (resolved.rcode ?? "nothing")} by ${resolved.server}`;
  // The node calls itself by both of its loopback addresses.
  const right = resolved.answers.filter((answer) => answer === mode.address || (mode.mode === "localhost" && answer === "::1"));
  return resolved.answers.includes(mode.address) && right.length === resolved.answers.length
    ? pass(`resolves to ${observed}`, { expected, observed })
    : fail(`resolves to ${observed} instead of ${mode.address}`, { expected, observed });
}
