import { disasterObjectives, objectives } from "../../../src/candidate/objectives.ts";
import { checks } from "../../../src/check/check.ts";
import { judgeHistory } from "../../../src/check/judge.ts";
import type { ReadBack } from "../../../src/check/ledger.ts";
import type { JudgedCheck, VerdictDocument } from "../../../src/check/verdict.ts";
import type { EventBody, HistoryEvent } from "../../../src/history/events.ts";
import { experimentFacts, type OrchestratorEvent } from "../../../src/history/experiment.ts";
import type { Sample } from "../../../src/history/sample.ts";
import { experiments } from "../../../suites/resilience/experiment.ts";
import { completed, noSideFiles, planned, runStarted, service, up } from "../a-history.ts";

/** An event with the moment at which it happened, milliseconds; every clock of these histories is the runner's. */
type Timed = EventBody & { t: number };

const day = Date.parse("2026-11-22T01:00:00.000Z");

/** A moment as wall time. */
export const at = (t: number): string => new Date(day + t).toISOString();

/** The story of one experiment of the catalogue: its declaration, a fault announced at 10 s that bites at 10.1 s, and what is added to it. */
export class AStory {
  readonly #observation: string;
  readonly #events: Timed[] = [];

  constructor(name: string) {
    this.#observation = `resilience/${name}`;
    const definition = experiments().find((one) => one.name === name);
    if (!definition) throw new Error(`no experiment is called ${name}`);
    this.fact(0, experimentFacts.definition, definition);
  }

  fact(t: number, name: string, data: unknown): this {
    this.#events.push({ t, type: "fact", observation: this.#observation, name, data });
    return this;
  }

  /** Announced at 10 s, seen to bite at 10.1 s; removed at `removedAt`, or as soon as it bites. */
  hurt(removedAt = 10_100): this {
    const fault = (t: number, step: "intent" | "applied" | "effect-seen" | "removed" | "heal-seen") =>
      this.#events.push({ t, type: "fault", observation: this.#observation, fault: "kill/x", step, detail: {} });
    fault(10_000, "intent");
    fault(10_050, "applied");
    fault(10_100, "effect-seen");
    fault(removedAt, "removed");
    fault(removedAt, "heal-seen");
    return this;
  }

  said(t: number, event: Omit<OrchestratorEvent, "saidAt" | "task">): this {
    return this.fact(t, experimentFacts.orchestrator, { task: "t", ...event, saidAt: at(t) });
  }

  /** One answer each `everyMs` from `from` to `to`, good but where `bad` says otherwise. */
  client(
    label: string,
    answer: (good: boolean) => Partial<Sample>,
    times: { from: number; to: number; everyMs: number },
    bad: (t: number) => boolean = () => false,
  ): this {
    for (let t = times.from; t < times.to; t += times.everyMs) {
      const sample = { ...answer(!bad(t)), due: t * 1e6, sent: t * 1e6, done: (t + 2) * 1e6, phases: {} } as Sample;
      this.#events.push({
        t,
        type: "sample",
        observation: this.#observation,
        label,
        vantage: label.split("/")[0] as string,
        probe: sample.probe,
        target: "x",
        sample,
      });
    }
    return this;
  }

  /**
   * A write each 100 ms from 0 s on, all acknowledged at once but those of `refused`; `found` is what was read back, and `more` what else is recorded of the
   * writing (`slowAcks`) and of the reading.
   */
  ledger(
    count: number,
    found: [number, number][] | undefined,
    refused: readonly number[] = [],
    { slowAcks = [], ...reading }: Partial<ReadBack> & { slowAcks?: [number, number][] } = {},
  ): this {
    const acknowledged = Array.from({ length: count }, (_, seq): [number, number] => [seq, seq]).filter(
      ([seq]) => !refused.includes(seq),
    );
    this.fact(30_000, "ledger/ledger", {
      vantage: "inside:a-service",
      attempted: count,
      acknowledged,
      firstDue: 0,
      everyMs: 100,
      slowAcks,
    });
    return found === undefined
      ? this
      : this.fact(30_000, "ledger/read-back", { found, count: 0, duplicates: [], foreign: 0, ...reading });
  }

  /** The verdict of one of its checks. */
  judge(id: string): JudgedCheck & { objectives: VerdictDocument["objectives"]; findings: VerdictDocument["findings"] } {
    const definition = checks().find((one) => one.id === id);
    if (!definition) throw new Error(`no check is called ${id}`);
    const { title: _title, judge: _judge, ...plan } = definition;
    const needs = plan.needs.filter((need) => !/^(routes?|mode):/.test(need));
    const agents = ["node", "public", "lan"];
    const begin: Timed[] = [
      runStarted,
      planned({
        services: needs.map((name) => service(name)),
        checks: [{ ...plan, needs }],
        objectives: [...objectives, ...disasterObjectives],
      }),
      ...needs.flatMap((name) => up(name)),
      ...agents.map((agent): EventBody => ({ type: "clock", agent, segment: 0, offsetNs: 0, errorNs: 0 })),
      { type: "observation", observation: this.#observation, state: "started" } satisfies EventBody,
    ].map((body) => ({ t: 0, ...body }));
    const end: Timed[] = [
      { type: "observation", observation: this.#observation, state: "ended" } satisfies EventBody,
      completed,
    ].map((body) => ({ t: 99_000, ...body }));
    const events = [...begin, ...this.#events.toSorted((a, b) => a.t - b.t), ...end];
    const history = events.map((event, seq) => ({ seq, at: at(event.t), ...event }) as HistoryEvent);
    const document = judgeHistory(history, checks(), { sideFile: noSideFiles });
    const judged = document.checks.find((one) => one.id === id);
    if (!judged) throw new Error(`${id} was not judged`);
    return { ...judged, objectives: document.objectives, findings: document.findings };
  }
}

/** Answers of a Redis client. */
export const pong = (good: boolean): Partial<Sample> =>
  good
    ? { probe: "redis", response: { replies: ["PONG"] } }
    : { probe: "redis", error: { kind: "connect-refused", message: "refused" } };

/** Answers of a page's client. */
export const page = (good: boolean): Partial<Sample> => ({ probe: "http", response: { status: good ? 200 : 502, bytes: 1 } });

/** Answers of a client that opens sessions at the broker. */
export const session = (good: boolean): Partial<Sample> =>
  good ? { probe: "amqp", response: { results: [] } } : { probe: "amqp", error: { kind: "connect-refused", message: "refused" } };
