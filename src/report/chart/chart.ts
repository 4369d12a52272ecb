import { accessModes } from "../../history/access.ts";
import { modeNames } from "../access.ts";
import { duration, plural } from "../format.ts";
import { e } from "../html-parts.ts";
import { latencyAxis, type Tick, timeAxis } from "./axes.ts";
import type { FaultLife } from "./fault-lives.ts";
import type { Picture, Watched } from "./picture.ts";
import { type Reduced, reduce } from "./reduce.ts";
import { columns, speed, strip } from "./series.ts";

/** A mark and a word for each thing that an orchestrator says of a task. */
export const saidMarks: Record<string, { mark: string; words: string }> = {
  die: { mark: "✘", words: "task ended" },
  oom: { mark: "✘", words: "out of memory" },
  kill: { mark: "†", words: "signal sent" },
  start: { mark: "▲", words: "container started" },
  running: { mark: "●", words: "called running" },
  pause: { mark: "‖", words: "paused" },
  unpause: { mark: "▷", words: "resumed" },
};
const otherMark = { mark: "◆", words: "health" };

export const saidMark = (action: string) => saidMarks[action] ?? otherMark;

/**
 * An experiment over time: phases, faults, each client's availability and latency by access mode, and what the orchestrator said, one below the other on one axis. Text is
 * HTML at its own size, plots are SVG that stretches: so it is readable at any width, on paper and without a script.
 */
export function chart(picture: Picture, limitMs: number | undefined): string {
  const { place, ticks } = timeAxis(picture);
  const reduced = new Map(picture.clients.map((one) => [one, reduce(one.answers, picture, columns)]));
  const latency = latencyAxis(
    [...reduced.values()],
    picture.clients.some(({ account }) => !account.victim) ? limitMs : undefined,
  );
  const client = (one: Watched) =>
    clientLane(one, reduced.get(one) as Reduced, {
      ...latency,
      column: (atMs) => Number(((place(atMs) / 100) * columns).toFixed(1)),
      picture,
      limitMs: one.account.victim ? undefined : limitMs,
    });
  return `<figure class="chart"><div class="lanes">
<div class="over" aria-hidden="true">${over(picture, place, ticks)}</div>
${lane("phases", "", picture.phases.map(({ phase, fromMs, toMs }) => `<span class="phase" style="${span(place(fromMs), place(toMs))}">${phase}</span>`).join(""))}
${[...Map.groupBy(picture.faults, ({ fault }) => fault)].map(([fault, lives]) => lane("fault", e(fault), lives.map((life) => lifeBar(life, place, picture.toMs)).join(""))).join("\n")}
${byStanding(picture.clients)
  .map(([name, clients]) => `${standing(name)}\n${clients.map(client).join("\n")}`)
  .join("\n")}
${orchestrator(picture, place)}
${lane("axis", `<span class="hint">0 is ${zeroWords[picture.zero.is]}</span>`, ticks.map(({ at, text }, index) => `<span class="tick${index % 2 === 1 ? " odd" : ""}" style="left:${at}%">${text}</span>`).join(""))}
</div></figure>`;
}

const zeroWords: Record<Picture["zero"]["is"], string> = {
  effect: "when the fault was seen to bite",
  announced: "when the fault was announced",
  beginning: "the beginning",
};

function standing(name: string): string {
  return `<div class="standing"><span>${e(name)}</span></div>`;
}

function lane(kind: string, who: string, plot: string): string {
  return `<div class="lane ${kind}"><div class="who">${who}</div><div class="plot">${plot}</div></div>`;
}

function span(from: number, to: number): string {
  return `left:${from}%;width:${Number((to - from).toFixed(2))}%`;
}

/** Behind all lanes: the grid, and a band for each time that a fault was held. */
function over(picture: Picture, place: (atMs: number) => number, ticks: readonly Tick[]): string {
  const grid = ticks.map(({ at, text }) => `<i class="grid${text === "0" ? " zero" : ""}" style="left:${at}%"></i>`);
  const bands = picture.faults.flatMap(({ effect, removed }) =>
    effect === undefined ? [] : [`<i class="band" style="${span(place(effect), place(removed ?? picture.toMs))}"></i>`],
  );
  return [...grid, ...bands].join("");
}

/** Announced and not yet seen to bite, held, removed and not yet seen healed. */
function lifeBar(
  { announced, effect, removed, healed, failed }: FaultLife,
  place: (atMs: number) => number,
  toMs: number,
): string {
  const end = removed ?? failed ?? toMs;
  const bar = (kind: string, from: number, to: number, words: string) =>
    `<span class="life ${kind}" style="${span(place(from), place(to))}" title="${e(words)}"></span>`;
  return [
    bar(
      "announced",
      announced,
      effect ?? end,
      effect === undefined
        ? "announced, never seen to bite"
        : `announced ${duration(effect - announced)} before it was seen to bite`,
    ),
    effect === undefined
      ? ""
      : bar("held", effect, end, removed === undefined ? "never removed" : `held ${duration(removed - effect)}`),
    removed === undefined
      ? ""
      : bar(
          "healing",
          removed,
          healed ?? toMs,
          healed === undefined ? "never seen healed" : `seen healed ${duration(healed - removed)} after its removal`,
        ),
  ].join("");
}

/** Clients by where they stand: the access modes first, then those inside. */
function byStanding(clients: readonly Watched[]): [string, Watched[]][] {
  const groups: [string, Watched[]][] = accessModes.map((mode) => [
    modeNames[mode],
    clients.filter(({ account }) => account.from === mode),
  ]);
  const inside = clients.filter(({ account }) => account.from.startsWith("inside:"));
  return [...groups, ["Inside", inside] as [string, Watched[]]].filter(([, mine]) => mine.length > 0);
}

interface Frame {
  place: (ms: number) => number;
  ticks: readonly Tick[];
  column: (atMs: number) => number;
  picture: Picture;
  limitMs: number | undefined;
}

function clientLane({ account, missing }: Watched, reduced: Reduced, { place, ticks, column, picture, limitMs }: Frame): string {
  const { n, recovery, victim } = account;
  const bad = account.bad.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  const counted = `${plural(n, "answer")}, ${bad} bad`;
  const who = `<b>${e(clientWords(account))}</b> <span class="hint">${victim ? "victim" : "must not notice"}${missing === undefined ? `: ${counted}` : ""}</span>`;
  if (missing !== undefined) return lane("client", who, `<p class="missing">not drawn: ${e(missing)}</p>`);
  const back =
    recovery?.recoveredMs !== undefined && recovery.bad > 0
      ? { recoveredAt: column(picture.zero.atMs + recovery.recoveredMs) }
      : {};
  const labels = ticks.map(({ at, text }) => `<span class="ms" style="top:${at}%">${text}</span>`).join("");
  const plot = `${strip(reduced, e(`availability of ${account.label}: ${counted}`))}<div class="speeds">${speed(reduced, { place, label: e(`latency of ${account.label}`), ...back, ...(limitMs === undefined ? {} : { limitMs }) })}${labels}</div>`;
  return lane(`client${victim ? " victim" : ""}`, who, plot);
}

/** `broker, from inside redis` */
export function clientWords({ client, from, pooled }: Watched["account"]): string {
  const [, role] = from.split(":");
  return `${client}${role === undefined ? "" : `, from ${role}`}${pooled ? ", kept connections" : ""}`;
}

/** How far two marks must lie apart, per cent, to be told apart on a phone. */
const apart = 4;

function orchestrator({ said }: Picture, place: (atMs: number) => number): string {
  if (said.length === 0) return "";
  const lanes = [...Map.groupBy(said, ({ service }) => service)].map(([service, mine]) => {
    const ends: number[] = [];
    const marks = mine.map(({ t, action, exitCode }) => {
      const at = place(t);
      const free = ends.findIndex((end) => at - end >= apart);
      const level = free < 0 ? ends.length : free;
      ends[level] = at;
      const words = `${action}${exitCode === undefined ? "" : `, exit code ${exitCode}`}`;
      const { mark } = saidMark(action);
      return `<span class="said${mark === saidMarks.die?.mark ? " ended" : ""}" style="left:${at}%;top:${(level * 1.1).toFixed(1)}rem" title="${e(words)}">${mark}</span>`;
    });
    return lane("orchestrator", e(service), `<div style="height:${(ends.length * 1.1).toFixed(1)}rem">${marks.join("")}</div>`);
  });
  return `${standing("Orchestrator")}\n${lanes.join("\n")}`;
}
