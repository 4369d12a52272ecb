import { describe, expect, test } from "vitest";
import { experimentLines } from "../../src/report/experiments.ts";
import { html } from "../../src/report/html.ts";
import { summary } from "../../src/report/summary.ts";
import { terminal } from "../../src/report/terminal.ts";
import { hostile } from "./a-run.ts";
import { aChaosRun, broker, type Known, postgresGone, redisKilled, web } from "./an-experiment.ts";

const pageOf = ({ verdict, events, sideFile }: ReturnType<typeof aChaosRun>) => html(verdict, events, { sideFile });
/** The article of one experiment. */
const articleOf = (known: Known) => {
  const page = pageOf(aChaosRun(known));
  return page.slice(page.indexOf("<article"), page.indexOf("</article>"));
};
/** What is read there, without looking at a chart. */
const textOf = (part: string) =>
  part
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

const notSteady = { guard: "not-steady", why: "no 5 s of good answers before the fault" } as const;
const aborted: Known = { ...redisKilled, faults: [], outages: [], orchestrator: [], aborted: notSteady };
const neverBit: Known = { ...redisKilled, faults: [{ name: "storage/full", intent: 6010, removed: 12_000 }], outages: [] };

describe("an experiment's one line", () => {
  const line = (known: Known) => experimentLines(aChaosRun(known).verdict)[0];

  test("has verdict, objective, recovery, loss and p95 before, during and after", () => {
    expect(line({ ...redisKilled, ledger: { acknowledged: 400, lost: 3 } })).toMatchObject({
      verdict: "fail",
      objective: "service-restart ≤ 5 min",
      recovery: expect.stringMatching(/^2\.2 s \(−\d+ ms, \+40 ms\)$/),
      loss: "3 of 400, 50 ms",
      p95: ["2.8 ms", "bad", "2.8 ms"],
      reason: expect.stringContaining("3 of 400 acknowledged writes are lost"),
    });
  });
  test("speaks of the victim that waited longest", () => {
    const { verdict } = aChaosRun(redisKilled);
    const [judged] = verdict.experiments ?? [];
    const victim = judged?.account?.clients[0];
    if (!judged?.account || !victim?.recovery) throw new Error("the history has no victim");
    const { recoveredMs: _, ...never } = victim.recovery;
    const clients = [victim, { ...victim, recovery: { ...victim.recovery, recoveredMs: 9000 } }, { ...victim, recovery: never }];
    const worst = (all: typeof clients) =>
      experimentLines({ ...verdict, experiments: [{ ...judged, account: { ...judged.account, clients: all } as never }] })[0]
        ?.recovery;
    expect(worst(clients.slice(0, 2))).toMatch(/^9\.0 s/);
    expect(worst(clients)).toMatch(/^not within 9\.\d s$/);
  });
  test("says of one that was ended early why, and of one that never bit that it did not", () => {
    expect(line(aborted)).toMatchObject({ verdict: "unknown", recovery: "nothing was hurt: not-steady" });
    expect(line({ ...redisKilled, aborted: { guard: "error-budget", why: "too many" } })?.recovery).toMatch(
      /^2\.2 s .*; ended early: error-budget$/,
    );
    expect(line(neverBit)).toMatchObject({
      verdict: "unknown",
      recovery: "no fault was seen to bite",
      p95: ["2.8 ms", "–", "–"],
    });
  });
  test("invents nothing of one that never began, or that nobody watched", () => {
    expect(line({ ...redisKilled, began: false })).toMatchObject({ recovery: "no numbers", loss: "–", p95: ["–", "–", "–"] });
    expect(line({ ...redisKilled, samples: "none" })).toMatchObject({ recovery: "not seen", p95: ["–", "–", "–"] });
  });
});

describe("report.html of experiments", () => {
  const page = pageOf(aChaosRun({ ...redisKilled, ledger: { acknowledged: 400, lost: 0 } }, postgresGone));

  test("begins with all of them, each leading to its own part", () => {
    const overview = page.slice(page.indexOf('<section id="experiments">'), page.indexOf("<article"));
    expect(textOf(overview)).toContain("✔ Redis's process is killed".replace("'", "&#39;"));
    expect([...overview.matchAll(/href="#(experiment-\d)"/g)].map(([, id]) => id)).toEqual(["experiment-1", "experiment-2"]);
    expect(page).toContain('<article class="card pass experiment" id="experiment-2">');
  });
  test("leads from each of its checks to the experiment, instead of thousands of rows", () => {
    const checks = page.slice(page.indexOf('<section id="checks">'));
    expect(checks.match(/href="#experiment-1"/g)).toHaveLength(3);
    expect(checks).not.toContain("what was seen: ");
  });
  test("groups clients by the mode that they come in by, the victim marked", () => {
    const text = textOf(articleOf({ ...redisKilled, bystanders: [web, { client: "web", from: "lan" }] }));
    expect(text).toMatch(
      /LAN web must not notice: 15 answers, 0 bad .* Public domain web must not notice: 15 answers, 0 bad .* Inside broker, from redis victim: 1570 answers, 220 bad/,
    );
  });
  test("draws an answer's latency where it was due, and no more points than a chart has columns", () => {
    const victim = articleOf({ ...redisKilled, bystanders: [] });
    const points = victim.match(/class="median" d="([^"]*)"/)?.[1]?.match(/[ML]/g) ?? [];
    // 1570 answers in 600 columns, of which those from 6.04 s to 8.24 s have no good one.
    expect(points.length).toBeGreaterThan(480);
    expect(points.length).toBeLessThanOrEqual(520);
    expect(victim.match(/class="median" d="([^"]*)"/)?.[1]?.match(/M/g)).toHaveLength(2);
  });
  test("has a band from a fault's effect to its removal, one for each of several", () => {
    const faults = [
      { name: "process/kill redis", intent: 5000, effect: 6100, removed: 6100, healed: 6100 },
      { name: "party/gone postgres", intent: 8000, effect: 8100, removed: 12_050, healed: 14_000 },
    ];
    const article = articleOf({ ...redisKilled, faults });
    // The axis is from 200 ms to 16 s.
    const bands = [...article.matchAll(/class="band" style="left:([\d.]+)%;width:([\d.]+)%"/g)];
    const atMs = (share: string | undefined) => Math.round(200 + (Number(share) / 100) * 15_800);
    expect(bands.map(([, left]) => atMs(left))).toEqual([6100, 8100]);
    expect(bands.map(([, left, width]) => atMs(String(Number(left) + Number(width))))).toEqual([6100, 12_050]);
  });
  test("counts a fault that follows its role to a new task as lives of one fault", () => {
    const again = { name: "process/pause redis", intent: 9000, effect: 9100, removed: 12_010, healed: 12_050 };
    const first = { name: "process/pause redis", intent: 6010, effect: 6050, removed: 12_000, healed: 12_040 };
    const article = articleOf({ ...redisKilled, faults: [first, again] });
    expect(article.match(/class="lane fault"/g)).toHaveLength(1);
    expect(article.match(/class="life held"/g)).toHaveLength(2);
  });
  test("has every step of a fault and all that the orchestrator said as text, too", () => {
    const text = textOf(articleOf(redisKilled));
    for (const step of [
      "−40 ms process/kill redis announced",
      "0 process/kill redis seen to bite",
      "+10 ms process/kill redis removed",
    ])
      expect(text).toContain(step);
    for (const said of ["−5 ms redis ✘ die, exit code 137", "+1.4 s redis ▲ start", "+1.9 s redis ● running"])
      expect(text).toContain(said);
  });
  test("says of a fault that never bit, and counts from its announcement", () => {
    const article = articleOf(neverBit);
    expect(textOf(article)).toContain("none was seen to bite");
    expect(textOf(article)).toContain("0 is when the fault was announced");
    expect(article).not.toContain('class="band"');
    expect(article).toContain('title="announced, never seen to bite"');
  });
  test("says why an experiment was ended, and draws what was seen until then", () => {
    const article = articleOf(aborted);
    expect(textOf(article)).toContain("ended early not-steady: no 5 s of good answers before the fault");
    expect(article).toContain('class="chart"');
    expect(textOf(article)).toContain("0 is the beginning");
  });
  test("says that there are no samples instead of drawing an empty chart", () => {
    const article = articleOf({ ...redisKilled, samples: "none" });
    expect(article).not.toContain('class="chart"');
    expect(textOf(article)).toContain(
      "Nothing is drawn, for no client's samples are here; inside:redis/broker: no sample of inside:redis/broker was recorded",
    );
  });
  test("does not put a client on the axis whose clock was never compared", () => {
    const article = articleOf({ ...redisKilled, clocks: ["public"] });
    expect(textOf(article)).toContain("not drawn: its clock (node) was never compared with the runner&#39;s");
    expect(article.match(/class="speed"/g)).toHaveLength(1);
  });
  test("does not draw samples that are not those of the verdict", () => {
    const run = aChaosRun(redisKilled);
    const fewer = html(run.verdict, run.events, { sideFile: (name) => run.sideFile(name).slice(1) });
    expect(textOf(fewer)).toMatch(/not drawn: .* holds 1569 samples, the history says 1570|Nothing is drawn/);
    expect(html(run.verdict, run.events)).toContain("is not at hand");
  });
  test("says of one that never began that nothing is drawn", () => {
    expect(textOf(articleOf({ ...redisKilled, began: false }))).toMatch(
      /UNKNOWN: planned, but never observed Nothing is drawn: no fact &quot;experiment&quot;/,
    );
  });
  test("is inert and whole whatever a history holds", () => {
    const evil: Known = {
      ...redisKilled,
      title: hostile,
      why: hostile,
      aborted: { guard: "stopped", why: hostile },
      victims: [{ client: hostile, from: `inside:${hostile}` }],
      faults: [{ name: hostile, intent: 6010, effect: 6050, removed: 6060 }],
      orchestrator: [[6045, hostile, hostile]],
    };
    const whole = pageOf(aChaosRun(evil));
    expect(whole).not.toMatch(/<script/i);
    expect(whole).not.toContain("\u001b");
    expect(whole).not.toMatch(/<(link|img|iframe|object|embed|form|base)\b|\bsrc=|url\(|@import| on[a-z]+="/i);
    for (const tag of ["article", "div", "span", "svg", "table", "tr", "td", "th", "p", "details", "figure"])
      expect([tag, whole.match(new RegExp(`</${tag}>`, "g"))?.length]).toEqual([
        tag,
        whole.match(new RegExp(`<${tag}[ >]`, "g"))?.length,
      ]);
    const ids = [...whole.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of whole.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });
  test("of a run without experiments has no such part", () => {
    expect(pageOf(aChaosRun())).not.toContain('id="experiments"');
  });
  test("of ten experiments, each with six clients that ask 100 times a second for a minute, has less than 2 MB", () => {
    const modes = (["public", "lan", "tailscale"] as const).map((from) => ({ client: "api", from, everyMs: 10 }));
    const dense: Known = {
      ...redisKilled,
      victims: [broker, { ...broker, client: "redis" }, { ...broker, client: "vault" }],
      bystanders: modes,
      // Every second answer is bad for half a minute: nothing runs together.
      outages: Array.from({ length: 1500 }, (_, i) => [15_000 + i * 20, 15_010 + i * 20] as const),
      phases: { precondition: 0, control: 100, fault: 6000, after: 50_000, ended: 60_000 },
    };
    const run = aChaosRun(...Array.from({ length: 10 }, (_, i) => ({ ...dense, name: `dense-${i}` })));
    const samples = run.events.reduce((sum, event) => sum + (event.type === "samples" ? event.count : 0), 0);
    expect(samples).toBeGreaterThan(350_000);
    const page = pageOf(run);
    expect(page.match(/class="median" d="M/g)).toHaveLength(60);
    expect(Buffer.byteLength(page)).toBeLessThan(2e6);
  });
});

describe("experiments in the other reports", () => {
  const run = aChaosRun({ ...redisKilled, ledger: { acknowledged: 400, lost: 3 } }, postgresGone, {
    ...aborted,
    name: "n".repeat(90),
  });

  test("summary.md has a row each", () => {
    const rows = summary(run.verdict)
      .split("### Experiments")[1]
      ?.split("###")[0]
      ?.split("\n")
      .filter((row) => row.startsWith("| ") && row.includes("`"));
    expect(rows).toHaveLength(3);
    expect(rows?.[0]).toMatch(
      /^\| ✘ fail \| `redis-killed` \| service-restart ≤ 5 min \| 2\.2 s .* \| 3 of 400, 50 ms \| 2\.8 ms \| bad \| 2\.8 ms \| 3 of 400/,
    );
    for (const row of rows ?? []) expect(row.replaceAll("\\|", "").split("|")).toHaveLength(11);
  });
  test("the terminal has a line each, none longer than 100 columns", () => {
    const lines = terminal(run.verdict, run.events, { folder: "runs/x" }).split("\n");
    const head = lines.findIndex((line) => line.includes("served again") && line.includes("p95 before"));
    const block = lines.slice(head, head + 4);
    expect(block[1]).toMatch(/^ {2}✘ redis-killed {2,}2\.2 s .* 3 of 400, 50 ms {2}2\.8 ms +bad +2\.8 ms$/);
    expect(block[2]).toMatch(/^ {2}✔ postgres-gone/);
    expect(block[3]).toMatch(/^ {2}\? n+… {2}nothing was hurt: not-steady/);
    for (const line of block) expect(line.length).toBeLessThanOrEqual(100);
    expect(lines.find((line) => line.startsWith("closer"))).toBe(
      "closer    sprocket-resilience chaos redis-killed --keep-on-fail",
    );
  });
});
