import type { AccessRoute, ModeFact } from "../../history/access.ts";
import type { EventOf } from "../../history/events.ts";
import type { HttpResponse } from "../../history/sample.ts";
import { errorWords, header, notLooked, responseOf, toward } from "../http.ts";
import { certificateTrouble, certificateTroubleWords, certificateWords } from "./certificate.ts";
import type { AccessEvidence } from "./evidence.ts";
import { expectedOutcomes } from "./expected.ts";
import { type FaultMet, faultOf } from "./faults.ts";
import type { AccessCell, Outcome } from "./matrix.ts";
import { gatewayWords, isTraefiksNotFound, markOf, withoutState } from "./whose.ts";

/** Judges one route as a client of one mode met it, and says which recorded fault explains what is not as it should be. */
export function cellOf(
  evidence: AccessEvidence,
  route: AccessEvidence["entry"]["routes"][number],
  mode: ModeFact,
  by: "name" | "address",
): { cell: AccessCell; fault?: FaultMet } {
  const expected = expectedOutcomes(evidence.entry, route, mode.mode, by);
  const event = evidence.look(mode.mode, by, route);
  const met = metBy(evidence, route, event);
  const cell: AccessCell = {
    route: route.id,
    mode: mode.mode,
    asked: event?.target.replace(/^\w+ (?=http)/, "") ?? route.host,
    by,
    expected,
    ...(met.outcome ? { met: met.outcome } : {}),
    verdict: { documented: verdictOf(expected.documented, met.outcome), actual: verdictOf(expected.actual, met.outcome) },
    reason: met.reason,
    faults: [],
    details: event ? detailsOf(event) : {},
    ...(event ? { phasesMs: phasesOf(event) } : {}),
  };
  const fault = wrong(cell) ? faultOf({ evidence, route, mode, cell, event }) : undefined;
  return fault ? { cell: { ...cell, faults: [fault.id] }, fault } : { cell };
}

/** Also what is right today and not as the documents have it is worth an explanation, and a certificate that clients should not take. */
function wrong({ verdict, details }: AccessCell): boolean {
  return Object.values(verdict).includes("fail") || details.trouble !== undefined;
}

function verdictOf(expected: Outcome, met: Outcome | undefined): "pass" | "fail" | "unknown" {
  if (met === undefined) return "unknown";
  return met === expected ? "pass" : "fail";
}

function metBy(
  evidence: AccessEvidence,
  route: AccessEvidence["entry"]["routes"][number],
  event: EventOf<"sample"> | undefined,
): { outcome?: Outcome; reason: string } {
  if (route.up === undefined) return { reason: `${route.service} is not reproduced here` };
  if (!event) return { reason: route.up ? "nobody asked" : `${route.service} did not come up` };
  const mine = notLooked(event);
  if (mine) return { reason: mine.reason };
  const lacking = lackingIn(event, route);
  if (lacking) return { reason: `the probe does not say ${lacking}, so it proves nothing` };
  if (route.protocol === "tcp") return tcpOutcome(event);
  const response = responseOf(event.sample);
  if (!response)
    return {
      outcome: "other",
      reason: `no answer: ${event.sample.error ? errorWords(event.sample.error) : "nothing came back"}`,
    };
  return httpOutcome(evidence, route, response);
}

/** A `Host:` header alone proves nothing: who asked, what the name resolved to and whom the answer is by must be on record. */
function lackingIn({ sample, target }: EventOf<"sample">, route: AccessRoute): string | undefined {
  // What never was connected has neither; the error says so.
  if (sample.error && sample.source === undefined) return undefined;
  if (sample.source === undefined) return "from where it came";
  const host = /^\w+ \w+:\/\//.test(target) ? new URL(target.replace(/^\w+ /, "")).hostname : target.replace(/:\d+$/, "");
  if (!/^[\d.]+$/.test(host) && !sample.resolved) return "what the name resolved to";
  const secured = route.protocol === "tcp" ? route.tls : target.includes("https://");
  // A handshake that broke off has shown no chain, and its error says why.
  if (secured && !sample.error && (sample.tls?.chain ?? []).length === 0) return "which certificate it was shown";
  return undefined;
}

function tcpOutcome({ sample }: EventOf<"sample">): { outcome: Outcome; reason: string } {
  if (sample.error) return { outcome: "other", reason: `no answer of the protocol: ${errorWords(sample.error)}` };
  const spoken = sample.probe === "redis" ? sample.response?.replies[0] === "PONG" : sample.probe === "amqp";
  return spoken
    ? { outcome: "answers", reason: `${sample.probe} answers over TLS by its name` }
    : { outcome: "other", reason: `something answers that is not ${sample.probe}` };
}

function httpOutcome(evidence: AccessEvidence, route: AccessRoute, response: HttpResponse): { outcome: Outcome; reason: string } {
  const own = responseOf(evidence.own(route)?.sample);
  const words = `status ${response.status}${toward(response)}`;
  const same = own !== undefined && markOf(route.role, response) === markOf(route.role, own);
  if (isTraefiksNotFound(response) && !same) return { outcome: "not-found", reason: "the entry point answers its own 404" };
  const gateway = gatewayWords(response);
  if (gateway) return { outcome: "other", reason: `the entry point does not reach the service: ${response.status} ${gateway}` };
  if (route.forwardAuth !== undefined) return guardedOutcome(evidence, route, response, words);
  if (own === undefined) return { outcome: "other", reason: `${words}; ${route.service} itself does not answer` };
  return same
    ? { outcome: "answers", reason: `answers as ${route.service} itself does: ${words}` }
    : {
        outcome: "other",
        reason: `${words}, which is not what ${route.service} itself answers (status ${own.status}${toward(own)})`,
      };
}

/** A stranger at a guarded door is sent on by the gatekeeper, as the gatekeeper itself does it; or refused. */
function guardedOutcome(
  evidence: AccessEvidence,
  route: AccessRoute,
  response: HttpResponse,
  words: string,
): { outcome: Outcome; reason: string } {
  if (response.status === 401 || response.status === 403) return { outcome: "closed", reason: `refused: ${words}` };
  const gatekeeper = evidence.entry.routes.find(({ role }) => role === "forward-auth");
  const own = gatekeeper && responseOf(evidence.own(gatekeeper)?.sample);
  const sent = withoutState(header(response, "location"));
  if (response.status >= 300 && response.status < 400 && sent !== undefined) {
    const wanted = own && withoutState(header(own, "location"));
    return wanted === undefined || wanted === sent
      ? { outcome: "closed", reason: `sent on by the gatekeeper: ${words}` }
      : { outcome: "other", reason: `sent elsewhere than the gatekeeper sends strangers: ${words}` };
  }
  if (response.status >= 500) return { outcome: "other", reason: `the gatekeeper of ${route.host} cannot be asked: ${words}` };
  return { outcome: "answers", reason: `open to strangers: ${words}` };
}

function detailsOf({ sample, at }: EventOf<"sample">): AccessCell["details"] {
  const response = sample.probe === "http" ? sample.response : undefined;
  const certificate = sample.tls && certificateWords(sample.tls);
  const trouble = sample.tls && certificateTrouble(sample.tls, at);
  return {
    ...(sample.source ? { source: sample.source } : {}),
    ...(sample.resolved ? { resolver: sample.resolved.server, answers: sample.resolved.answers } : {}),
    ...(sample.peer ? { peer: sample.peer } : {}),
    ...(response ? { status: response.status } : {}),
    ...(certificate ? { certificate } : {}),
    ...(trouble ? { trouble: certificateTroubleWords[trouble].what } : {}),
    ...(sample.tls?.version ? { tlsVersion: sample.tls.version } : {}),
  };
}

function phasesOf({ sample }: EventOf<"sample">): NonNullable<AccessCell["phasesMs"]> {
  const ms = (ns: number) => Math.round(ns / 1e4) / 100;
  const { dns, connect, tls, firstByte } = sample.phases;
  return {
    ...(dns === undefined ? {} : { dns: ms(dns) }),
    ...(connect === undefined ? {} : { connect: ms(connect) }),
    ...(tls === undefined ? {} : { tls: ms(tls) }),
    ...(firstByte === undefined ? {} : { firstByte: ms(firstByte) }),
    total: ms(sample.done - sample.sent),
  };
}
