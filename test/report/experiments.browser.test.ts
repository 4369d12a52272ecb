import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { html } from "../../src/report/html.ts";
import { launch } from "./a-browser.ts";
import { aChaosRun, postgresGone, redisKilled } from "./an-experiment.ts";
import { unreadable } from "./unreadable.ts";

/** What a person with this screen has before them. */
const screens = [
  { width: 390, scheme: "light" },
  { width: 390, scheme: "dark" },
  { width: 1280, scheme: "light" },
  { width: 1280, scheme: "dark" },
] as const;
/** Width of A4 within Chromium's own margins, in CSS pixels. */
const paperWidth = 718;

let browser: Browser;
let folder: string;
let address: string;

beforeAll(async () => {
  const { verdict, events, sideFile } = aChaosRun({ ...redisKilled, ledger: { acknowledged: 400, lost: 3 } }, postgresGone);
  folder = mkdtempSync(join(tmpdir(), "report-browser-"));
  const path = join(folder, "report.html");
  writeFileSync(path, html(verdict, events, { sideFile }));
  address = pathToFileURL(path).href;
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(width: number, colorScheme: "light" | "dark" = "light"): Promise<Page> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  await page.goto(address);
  return page;
}

/** Where things are along the plots of the nth experiment, as a share of their length. */
async function alongPlot(page: Page, experiment: number, selector: string): Promise<{ from: number; to: number }[]> {
  return await page.locator(`#experiment-${experiment}`).evaluate((article, wanted) => {
    const plot = article.querySelector(".client .plot")?.getBoundingClientRect();
    if (!plot) throw new Error("no plot");
    return [...article.querySelectorAll(wanted)].map((one) => {
      const { left, right } = one.getBoundingClientRect();
      return { from: (left - plot.left) / plot.width, to: (right - plot.left) / plot.width };
    });
  }, selector);
}

test("opening it asks nobody for anything and breaks no rule of its own", async () => {
  const page = await browser.newPage();
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(address, { waitUntil: "networkidle" });
  expect(asked).toEqual([address]);
  expect(complaints).toEqual([]);
  await page.close();
});

describe.each(screens)("on $width px, $scheme", ({ width, scheme }) => {
  let page: Page;
  beforeAll(async () => {
    page = await open(width, scheme);
  });
  afterAll(() => page.close());

  /** The axis of the first: from its control phase, 200 ms after its beginning, to its end at 16 s. */
  const share = (ms: number) => (ms - 200) / (16_000 - 200);
  /** A column of the plot, and a pixel for lines that may not vanish. */
  const near = (met: number | undefined, wanted: number) =>
    expect(Math.abs((met ?? Number.NaN) - wanted)).toBeLessThanOrEqual(1 / 600 + 2.5 / 250);

  test("the band lies from the fault's effect to its removal", async () => {
    const [redis] = await alongPlot(page, 1, ".band");
    near(redis?.from, share(6050));
    const [postgres] = await alongPlot(page, 2, ".band");
    // That one is drawn from its first sample at 100 ms, its control phase, to 40 s.
    near(postgres?.from, (10_000 - 100) / 39_900);
    near(postgres?.to, (30_000 - 100) / 39_900);
  });
  test("the victim's gap is where it was, and as wide; others have none", async () => {
    const [gap, ...others] = await alongPlot(page, 1, ".victim .strip .bad");
    expect(others).toEqual([]);
    near(gap?.from, share(6040));
    near(gap?.to, share(8240));
    const [bystander] = await alongPlot(page, 1, ".client:not(.victim) .strip .bad");
    expect((bystander?.to ?? 1) - (bystander?.from ?? 0)).toBe(0);
  });
  test("what the orchestrator said stands at its time", async () => {
    const marks = await alongPlot(page, 1, ".said");
    expect(marks).toHaveLength(3);
    for (const [at, ms] of [6045, 7500, 7900].entries()) {
      const mark = marks[at];
      near(((mark?.from ?? Number.NaN) + (mark?.to ?? Number.NaN)) / 2, share(ms));
    }
  });
  test("a victim's line of being served again stands at the end of its gap", async () => {
    const [back] = await alongPlot(page, 1, ".victim .back");
    near(back?.from, share(8241));
  });
  test("every lane of a chart has the same axis", async () => {
    const lanes = await page.locator("#experiment-1 .lane .plot").evaluateAll((plots) =>
      plots.map((plot) => {
        const { left, width } = plot.getBoundingClientRect();
        return `${left.toFixed(1)} ${width.toFixed(1)}`;
      }),
    );
    expect(lanes.length).toBeGreaterThanOrEqual(6);
    expect(new Set(lanes).size).toBe(1);
  });
  test("nothing is wider than the screen, and no text is too small, hidden by another label or without contrast", async () => {
    await page.locator("#experiments details").evaluateAll((all) => {
      for (const one of all) one.open = true;
    });
    expect(await page.locator("html").evaluate((root) => root.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await unreadable(page)).toEqual([]);
  });
});

test("what cannot be read is seen by the test that looks for it", async () => {
  const page = await open(390);
  await page.addStyleTag({
    content:
      ".tick.odd{display:block!important}.tick{padding:0 1rem!important}.who{color:#999!important}.ms{font-size:6px!important}",
  });
  const met = await unreadable(page);
  for (const wrong of [/−2 s lies on 0/, /broker.*: contrast 2\.\d/, /1 ms: 6px/])
    expect(met.some((one) => wrong.test(one))).toBe(true);
  await page.close();
});

test("the overview is a table where there is room, and a card an experiment on a phone with the name of every number", async () => {
  const wide = await open(1280);
  expect(await wide.locator("#experiments > .scroll thead").isVisible()).toBe(true);
  await wide.close();
  const phone = await open(390);
  const row = phone.locator("#experiments > .scroll tbody tr").first();
  expect(await phone.locator("#experiments > .scroll thead").isVisible()).toBe(false);
  const names = await row
    .locator("td")
    .evaluateAll((cells) => cells.map((cell) => cell.ownerDocument.defaultView.getComputedStyle(cell, "::before").content));
  expect(names).toEqual(['"objective "', '"served again "', '"lost "', '"p95 before "', '"during "', '"after "', '"why "']);
  await phone.close();
});

test("a link of the overview leads to its experiment", async () => {
  const page = await open(390);
  await page.locator("#experiments > .scroll a").nth(1).click();
  expect(new URL(page.url()).hash).toBe("#experiment-2");
  await expect
    .poll(() => page.locator("#experiment-2").evaluate((article) => Math.abs(article.getBoundingClientRect().top)))
    .toBeLessThan(50);
  await page.close();
});

describe("on paper", () => {
  test("everything is open, nothing is cut off, and a chart is not torn", async () => {
    const page = await open(paperWidth, "dark");
    await page.emulateMedia({ media: "print" });
    const cut = await page
      .locator("#experiments .scroll")
      .evaluateAll((all) => all.map((one) => one.scrollWidth - one.clientWidth).filter((over) => over > 0));
    expect(cut).toEqual([]);
    const rows = page.locator("#experiment-1 details table tr");
    expect(await rows.count()).toBeGreaterThan(8);
    for (const row of await rows.all()) expect((await row.boundingBox())?.height).toBeGreaterThan(5);
    expect(
      await page
        .locator(".chart")
        .evaluateAll((all) => all.map((one) => one.ownerDocument.defaultView.getComputedStyle(one).breakInside)),
    ).toEqual(["avoid", "avoid"]);
    // Paper is white, whatever the screen is.
    expect(await unreadable(page)).toEqual([]);
    await page.close();
  });
  test("Chromium makes a PDF of it", async () => {
    const page = await open(1280);
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    expect(pdf.length).toBeGreaterThan(20_000);
    await page.close();
  });
});
