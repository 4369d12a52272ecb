import { cellOf } from "../../src/check/access/cell.ts";
import { evidenceOf } from "../../src/check/access/evidence.ts";
import { faultFinding } from "../../src/check/access/faults.ts";
import { check, type Judgement } from "../../src/check/check.ts";
import { all, fail, named, pass, unknown } from "../../src/check/expect.ts";
import type { HistoryEvent } from "../../src/history/events.ts";
import { hasRoute } from "../layer1/clients.ts";
import { modes } from "./modes.ts";

/** Longest time that the documents give a route to be known after its deployment: "404 for 30–60 s" (CLOUD_DEPLOYMENT.md). */
const limitMs = 60_000;

check(
  "access/discovery",
  modes,
  { title: "the entry point knows each route within a minute of its service", service: "traefik" },
  (seen) => {
    const evidence = evidenceOf(seen);
    const place = evidence.modes.find(({ mode }) => mode === "public");
    if (!place) return unknown("nobody looked from the public domain");
    const routes = evidence.entry.routes.filter(({ protocol, up }) => protocol === "http" && up);
    return all(
      routes.map((route): Judgement => {
        const ready = seen.history.find(
          (event) => event.type === "service" && event.service === route.service && event.state === "ready",
        );
        const first = seen.history.find((event) => isLook(event, route.host) && hasRoute(event.sample));
        const expected = `an answer at most ${limitMs / 1000} s after ${route.service} was ready`;
        if (!ready) return named(route.host, unknown("nothing says when its service was ready", { expected }));
        if (first) {
          const late = Math.max(0, first.t - ready.t);
          const words = `answered at the latest ${(late / 1000).toFixed(1)} s after its service was ready`;
          return named(
            route.host,
            late <= limitMs ? pass(words, { expected, observed: words }) : fail(words, { expected, observed: words }),
          );
        }
        const { cell, fault } = cellOf(evidence, route, place, "name");
        return named(
          route.host,
          fail(fault ? `${fault.id} ${fault.title}: ${fault.explanation}` : `never known: ${cell.reason}`, {
            expected,
            observed: cell.reason,
            findings: fault ? [faultFinding(route.service, fault)] : [],
          }),
        );
      }),
    );
  },
);

/** A look of a client from outside at a host, in whatever observation. */
function isLook(event: HistoryEvent, host: string): event is Extract<HistoryEvent, { type: "sample" }> {
  return (
    event.type === "sample" &&
    event.vantage === "public" &&
    event.sample.probe === "http" &&
    new URL(event.target.replace(/^\w+ /, "")).hostname === host
  );
}
