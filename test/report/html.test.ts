import { describe, expect, test } from "vitest";
import { html } from "../../src/report/html.ts";
import { aRun, sideFile, verdictOf } from "./a-run.ts";

const events = aRun(true);
const page = html(verdictOf(events), events, { sideFile });

describe("report.html", () => {
  test("is inert whatever a log line holds", () => {
    expect(page).not.toMatch(/<script/i);
    expect(page).not.toContain("\u001b");
    expect(page).toContain("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
  });
  test("asks the network for nothing", () => {
    expect(page).toContain("default-src 'none'");
    expect(page).not.toMatch(/<(link|img|iframe|object|embed|form|base)\b|\bsrc=|url\(|@import| on[a-z]+="/i);
    expect([...page.matchAll(/href="([^"]*)"/g)].every(([, target]) => target?.startsWith("#"))).toBe(true);
  });
  test("names verdict and cause before anything else", () => {
    const body = page.slice(page.indexOf("<body>"));
    expect(body.indexOf("FAIL")).toBeLessThan(body.indexOf("vault did not come up"));
    expect(body.indexOf("vault did not come up")).toBeLessThan(body.indexOf("<main>"));
  });
  test("shows the root first among what failed", () => {
    const failed = page.slice(page.indexOf('id="failed"'));
    expect(failed.indexOf("up/vault")).toBeLessThan(failed.indexOf("layer1/dashboard-closed"));
  });
  test.each([
    ["the candidate's hash", "sha256:4f2a9c1e77d0"],
    ["the mutation", "vault-key-missing"],
    ["the variant", "documented-rules"],
    ["an image's digest", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    ["the seed", "<dt>seed</dt><dd>7</dd>"],
    ["the machine", "linux x64, 2 cores, 8.0 GiB, Node 24.21.0"],
    ["the version", "0.1.0, judges 1"],
    ["Docker", "20.10.24, API 1.41"],
    ["a substitution", "asaxplayinghorse/core-service:main"],
    ["what it hides", "cannot speak of: service:core/business-rules"],
    ["the stand-ins", "<code>forward-auth</code>, <code>core</code>, <code>web</code>"],
    ["a finding", "nothing copies Vault&#39;s storage anywhere"],
    ["an objective with its n", '<td class="num">208 ms</td><td class="num">≤ 500 ms</td><td class="num">200</td>'],
    ["who accepted an unknown", "Accepted by ops until 2027-01-01"],
    ["expected", "redirect to fa.sprocket.test"],
    ["samples of a side file", "what was seen: 200 samples"],
    ["how many samples are left out", "…and 170 more samples"],
  ])("shows %s", (_what, text) => expect(page).toContain(text));
  test("has one place for every link inside it", () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });
  test("closes what it opens", () => {
    for (const tag of ["section", "details", "div", "table", "ul", "dl", "p", "tr", "td", "summary"]) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, "g"))?.length ?? 0;
      expect([tag, page.match(new RegExp(`</${tag}>`, "g"))?.length ?? 0]).toEqual([tag, opened]);
    }
  });
  test("of an empty history is a page, too", () => {
    expect(html(verdictOf([]), [])).toContain("UNKNOWN");
  });
});
