import { cellOf } from "../../src/check/access/cell.ts";
import { type AccessEvidence, evidenceOf } from "../../src/check/access/evidence.ts";
import { waysIn } from "../../src/check/access/expected.ts";
import { faultFinding } from "../../src/check/access/faults.ts";
import type { AccessCell, AccessMatrix } from "../../src/check/access/matrix.ts";
import { recordedFaults } from "../../src/check/access/recorded-faults.ts";
import { check, type Judgement, type Seen } from "../../src/check/check.ts";
import { all, fail, named, pass, unknown } from "../../src/check/expect.ts";
import { type AccessMode, accessModes, type ExpectationSet, type ModeFact } from "../../src/history/access.ts";
import type { EventOf, Finding } from "../../src/history/events.ts";
import { modes } from "./modes.ts";

const titles: Record<AccessMode, string> = {
  localhost: "on the node itself each route is met as it should be",
  lan: "from the LAN each route is met as it should be",
  tailscale: "over the tailnet each route is met as it should be",
  public: "on the public domain each route is met as it should be",
};

for (const mode of accessModes) {
  check(
    `access/${mode}`,
    modes,
    { title: titles[mode], service: "traefik", ...(mode === "tailscale" ? { needs: ["mode:tailscale"] } : {}) },
    (seen) => judgeMode(seen, mode),
  );
}

function judgeMode(seen: Seen, mode: AccessMode): Judgement {
  const evidence = evidenceOf(seen);
  const decides = decidingSet(seen);
  const place = evidence.modes.find((one) => one.mode === mode);
  if (!place) return unknown(`nobody looked from ${words[mode]}`);
  const met = evidence.entry.routes.flatMap((route) =>
    waysIn(evidence.entry, mode, route).map((by) => cellOf(evidence, route, place, by)),
  );
  const cells = met.map(({ cell }) => cell);
  // What is not reproduced is unknown in the matrix, and no run passes or fails for it.
  const absent = new Set(evidence.entry.routes.filter(({ up }) => up === undefined).map(({ id }) => id));
  const judged = cells.filter(({ route }) => !absent.has(route)).map((cell) => judgeCell(cell, decides));
  return {
    ...(judged.length > 0 ? all(judged) : unknown("no route of the candidate leads to a service that is reproduced here")),
    findings: findingsOf(met, mode, decides),
    access: matrixOf(evidence, place, cells, decides, seen),
  };
}

/** Which of the two sets the run was told to hold the candidate to. */
export function decidingSet({ history }: Seen): ExpectationSet {
  const planned = history.find((event) => event.type === "planned") as EventOf<"planned"> | undefined;
  return planned?.expects ?? "actual";
}

function judgeCell(cell: AccessCell, decides: ExpectationSet): Judgement {
  const verdict = cell.verdict[decides];
  const expected = outcomeWords[cell.expected[decides]];
  const observed = cell.reason;
  if (verdict === "unknown") return named(cell.asked, unknown(cell.reason, { expected }));
  if (verdict === "pass") return pass(`${cell.asked}: ${cell.reason}`, { expected, observed });
  const cause = causeWords(cell);
  return fail(`${cell.asked}: ${cause ? `${cause} (${cell.reason})` : cell.reason}`, {
    expected: `${cell.asked}: ${expected}`,
    observed: `${cell.asked}: ${observed}`,
  });
}

function causeWords({ faults }: AccessCell): string {
  return faults.map((id) => `${id} ${recordedFaults[id]?.title}`).join(", ");
}

const outcomeWords = {
  answers: "the service's own answer",
  "not-found": "the entry point's own 404, as today's rules have it",
  closed: "the gatekeeper's refusal of a stranger",
  other: "the answer of another service, whose rule names this address",
} as const;

const words: Record<AccessMode, string> = {
  localhost: "the node itself",
  lan: "the LAN",
  tailscale: "the tailnet",
  public: "the public domain",
};

/** One finding for each recorded fault that a mode shows, whichever set decides: what the documents promise and today's rules do not give is said, too. */
function findingsOf(met: readonly ReturnType<typeof cellOf>[], mode: AccessMode, decides: ExpectationSet): Finding[] {
  const groups = Map.groupBy(
    met.filter(({ cell }) => cell.verdict.documented === "fail" || cell.verdict[decides] === "fail"),
    ({ fault }) => fault?.id,
  );
  return [...groups.values()].map((group): Finding => {
    const asked = [...new Set(group.map(({ cell }) => cell.asked))];
    const which = `${group.length} of ${met.length} ways in (${asked.slice(0, 3).join(", ")}${asked.length > 3 ? ", …" : ""})`;
    const [first] = group;
    return first?.fault
      ? faultFinding(words[mode], { ...first.fault, explanation: `${which}: ${first.fault.explanation}` })
      : {
          rule: "access/unlike-documents",
          place: words[mode],
          what: `${which} are not met as the documents have it: ${first?.cell.reason}`,
        };
  });
}

function matrixOf(
  evidence: AccessEvidence,
  place: ModeFact,
  cells: AccessCell[],
  decides: ExpectationSet,
  { history }: Seen,
): AccessMatrix {
  const vantage = history.find((event) => event.type === "vantage" && event.name === place.mode) as
    | EventOf<"vantage">
    | undefined;
  return {
    decides,
    modes: [
      {
        mode: place.mode,
        from: vantage ? `${words[place.mode]} (${vantage.subnets.join(", ")})` : words[place.mode],
        resolver: place.resolver,
        trust: place.trust,
        looked: true,
      },
    ],
    routes: evidence.entry.routes.map((route) => ({
      id: route.id,
      title: route.role ?? route.service,
      service: route.service,
      tier: route.tier,
      protocol: route.protocol,
      known: route.up !== undefined,
      ...(route.up === undefined ? { why: `${route.service} is not reproduced here` } : {}),
    })),
    cells,
  };
}
