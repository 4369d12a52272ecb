import { describe, expect, test } from "vitest";
import { recordedFaults } from "../../src/check/access/recorded-faults.ts";
import { verdictDocumentSchema } from "../../src/check/verdict-schema.ts";
import { accessModes } from "../../src/history/access.ts";
import { faultsIn, matrixWords, modeWords, rowsByTier } from "../../src/report/access.ts";
import { accessBlock, accessPlace } from "../../src/report/access-text.ts";
import { html } from "../../src/report/html.ts";
import { summary } from "../../src/report/summary.ts";
import { terminal } from "../../src/report/terminal.ts";
import { aRun, hostile, verdictOf } from "./a-run.ts";
import { aBadAccess, aCell, aHostileAccess, anAccess, anOpenAccess } from "./an-access.ts";

const plain = (_style: unknown, text: string) => text;
const green = verdictOf(aRun(false));
const pageOf = (access: ReturnType<typeof anAccess>) => html({ ...green, access }, []);
/** The page's part on the matrix, without the evidence that lies behind a tap. */
const glanceOf = (access: ReturnType<typeof anAccess>) => {
  const page = pageOf(access);
  const part = page.slice(page.indexOf('<section id="access">'), page.indexOf('<section id="checks">'));
  return part
    .replace(/<p class="reason">.*?<\/dl>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
};

describe("the matrix in words", () => {
  test("counts pairs: a pair is as documented only if its address is, too", () => {
    expect(matrixWords(anAccess())).toBe(
      "Of 36 pairs of route and mode 32 answer by name or address; 4 are closed; 18 as documented; 36 as today's rules give (decides)",
    );
    expect(matrixWords(anAccess("documented"))).toContain("18 as documented (decides); 36 as today's rules give");
  });
  test("counts a pair once: one that answers by name is not closed, too", () => {
    const cells = [aCell("http", "lan", "name", "answers"), aCell("http", "lan", "address", "closed")];
    expect(matrixWords({ ...anAccess(), cells })).toContain("1 answers by name or address; 1 as documented");
  });
  test("leaves out no pair that was not looked at, or is unknown", () => {
    expect(matrixWords(aBadAccess())).toMatch(/^Of 36 pairs .*; 3 unknown; 9 not looked at$/);
  });
  test("says of a mode how many answer, and what the documents promise where they do not", () => {
    expect(modeWords(anAccess(), "public")).toBe("by name 8 of 9 answer, 1 closed, as documented");
    expect(modeWords(anAccess(), "lan")).toBe(
      "by name 8 of 9 answer, 1 closed, as documented; by address 0 of 9 answer: the documents promise 8 and 1 closed",
    );
    expect(modeWords(aBadAccess(), "tailscale")).toBe("not looked at (the tailnet's images are not here)");
  });
  test("does not take an open door for a kept promise because another is shut", () => {
    const cells = [
      aCell("traefik-dashboard", "public", "name", "answers", { documented: "closed" }),
      aCell("http", "public", "name", "closed", { documented: "answers" }),
    ];
    expect(modeWords({ ...anAccess(), cells }, "public")).toBe("by name 1 of 2 answers, 1 closed, 2 not as documented");
  });
  test("nothing is as documented that nobody knows", () => {
    const cells = [aCell("http", "public", "name", undefined)];
    expect(modeWords({ ...anAccess(), cells }, "public")).toBe("by name 0 of 1 answer, 1 unknown");
    expect(modeWords({ ...anAccess(), cells: [] }, "public")).toBe("nothing was asked");
  });
});

describe("a place of the matrix", () => {
  const places = (matrix: ReturnType<typeof anAccess>, route: string) =>
    rowsByTier(matrix)
      .flatMap(({ rows }) => rows)
      .find((row) => row.route.id === route)
      ?.places.map((place) => accessPlace(place, matrix).trimEnd());

  test("shows what was met, then what the deciding set and the other say of it", () => {
    expect(places(anAccess(), "http")).toEqual(["● ✔✔  –", "● ✔✔  ○ ✔✘", "● ✔✔  ○ ✔✘", "● ✔✔  –"]);
    expect(places(anAccess("documented"), "http")).toEqual(["● ✔✔  –", "● ✔✔  ○ ✘✔", "● ✔✔  ○ ✘✔", "● ✔✔  –"]);
    expect(places(anAccess(), "traefik-dashboard")?.[3]).toBe("◆ ✔✔  –");
    expect(places(aBadAccess(), "sprocket-core-main")?.[3]).toBe("▲ ✘✘  –");
  });
  test("is never empty", () => {
    expect(places(aBadAccess(), "grafana")).toEqual(["? ??  –", "? ??  ? ??", "not looked at", "? ??  –"]);
    const nothing = { ...aBadAccess(), cells: [] };
    expect(places(nothing, "grafana")).toEqual(["unknown", "unknown", "not looked at", "unknown"]);
    expect(places(nothing, "http")).toEqual(Array(4).fill("not looked at"));
  });
  test("that nobody looked at stays so, though cells were planned for it", () => {
    const matrix = aBadAccess();
    const cells = [...matrix.cells, aCell("http", "tailscale", "name", undefined)];
    expect(places({ ...matrix, cells }, "http")?.[2]).toBe("not looked at");
    const met = [...matrix.cells, aCell("http", "tailscale", "name", "answers")];
    expect(places({ ...matrix, cells: met }, "http")?.[2]).toBe("● ✔✔  –");
  });
});

describe("faults", () => {
  test("are named once, in the order of their numbers, with the places they explain", () => {
    expect(faultsIn(aBadAccess()).map(({ id, where }) => [id, where])).toEqual([
      ["R-1", "LAN 8 routes"],
      ["R-5", "Public domain 1 route"],
      ["R-12", "Public domain 1 route"],
    ]);
  });
  test("that are not recorded keep their id, whatever it is", () => {
    const [cell] = anAccess().cells;
    const matrix = { ...anAccess(), cells: cell ? [{ ...cell, faults: ["toString"] }] : [] };
    expect(faultsIn(matrix)).toEqual([
      { id: "toString", symptom: "not a recorded fault", cause: "its cause is not recorded", where: "localhost 1 route" },
    ]);
  });
  test("all twelve have a cause", () => {
    expect(Object.keys(recordedFaults)).toEqual(Array.from({ length: 12 }, (_, index) => `R-${index + 1}`));
  });
});

describe("on the terminal", () => {
  test.each([
    ["as today", anAccess()],
    ["all that can be", aBadAccess()],
    ["a stranger's", aHostileAccess(`${hostile}${"long ".repeat(20)}${"w".repeat(300)}\n`)],
  ])("%s: no line is longer than 100 columns", (_name, matrix) => {
    const lines = accessBlock(matrix, plain).split("\n");
    for (const line of lines) expect([line, [...line].length <= 100]).toEqual([line, true]);
    expect(lines.filter((line) => /✔✔|\?\?/.test(line))).toHaveLength(9);
  });
  test("columns stand below each other, painted or not", () => {
    const block = accessBlock(aBadAccess(), plain);
    expect(block).toMatch(/^ {2}route {27}localhost {6}LAN {12}Tailscale {6}Public domain$/m);
    expect(block).toMatch(/^ {2}sprocket-core-main {14}● ✔✔ {2}– {8}● ✔✔ {2}○ ✔✘ {5}not looked at {2}▲ ✘✘ {2}–$/m);
    const painted = accessBlock(aBadAccess(), (style, text) => `<${String(style)}>${text}</>`);
    expect(painted.replace(/<\/?[a-z]*>/g, "").replace(/ +$/gm, "")).toBe(block);
    expect(painted).toContain("<red>▲ ✘✘  –   </>");
  });
  test("is a block of the run's last words, and none when the run did not ask", () => {
    expect(terminal({ ...green, access: anAccess() }, [], { folder: "x" })).toContain("\n\nfour ways in    Of 36 pairs");
    expect(terminal(green, [], { folder: "x" })).not.toContain("four ways in");
  });
});

describe("in summary.md", () => {
  const rowsOf = (text: string) =>
    (text.split("### Four ways in")[1]?.split("\n- ")[0] ?? "").split("\n").filter((one) => one.startsWith("|"));

  test("is a table of four modes with its legend", () => {
    const text = summary({ ...green, access: aBadAccess() });
    expect(rowsOf(text)[0]).toBe("| route | localhost | LAN | Tailscale | Public domain |");
    expect(text).toContain("| `sprocket-core-main` | ● ✔✔  – | ● ✔✔  ○ ✔✘ | not looked at | ▲ ✘✘  – |");
    expect(text).toContain("By name, then by address: ● answers, ○ 404, ◆ closed, ▲ other, ? unknown");
    expect(text).toContain("- **R-12** 404 for everything");
    expect(summary(green)).not.toContain("Four ways in");
  });
  test("stays whole and inert, whatever a route is called", () => {
    const text = summary({ ...green, access: aHostileAccess(`${hostile}\n| a |`) });
    for (const row of rowsOf(text)) expect(row.split("|")).toHaveLength(7);
    expect(text.replace(/`[^`\n]*`/g, "")).not.toContain("<script>");
  });
});

describe("in report.html", () => {
  test("stands after what did not pass and before the times", () => {
    const events = aRun(true);
    const page = html({ ...verdictOf(events), access: anAccess() }, events);
    const at = ["failed", "unknown", "access", "times"].map((id) => page.indexOf(`<section id="${id}">`));
    expect(at).toEqual(at.toSorted((a, b) => a - b));
    expect(at).not.toContain(-1);
    expect(pageOf(anAccess()).match(/id="access"/g)).toHaveLength(1);
    expect(html(green, [])).not.toContain("Four ways in");
  });
  test("says at a glance what was met, and what either set wants instead", () => {
    expect(glanceOf(anOpenAccess())).toContain("address ● answers ✔ actual ✔ documented");
    expect(glanceOf(anAccess())).toContain("address ○ 404 ✔ actual ✘ documented: ● answers");
    expect(glanceOf(anAccess("documented"))).toContain("address ○ 404 ✘ documented: ● answers ✔ actual");
    expect(glanceOf(aBadAccess())).toContain("name ▲ other 502 ✘ actual: ● answers ✘ documented: ● answers");
    expect(glanceOf(aBadAccess())).toContain("name ? unknown ? actual: ● answers ? documented: ● answers");
  });
  test("has as many places as routes and modes, none of them empty", () => {
    for (const matrix of [anAccess(), aBadAccess(), { ...aBadAccess(), cells: [] }]) {
      const places =
        pageOf(matrix)
          .split('<table class="matrix">')[1]
          ?.split("</table>")[0]
          ?.match(/<td>.*?<\/td>/gs) ?? [];
      expect(places).toHaveLength(matrix.routes.length * accessModes.length);
      for (const place of places) expect(place).toMatch(/<details class="way|not looked at|\? unknown/);
    }
  });
  test("says why a route is unknown, and why nobody looked", () => {
    expect(glanceOf(aBadAccess())).toContain("? unknown: Grafana is not reproduced: its image cannot be had");
    expect(glanceOf(aBadAccess())).toContain("Tailscale not looked at (the tailnet's images are not here)".replace("'", "&#39;"));
  });
  test.each([
    ["what was asked", "<dt>asked</dt><dd>https://ingress.sprocket.tailnet.test/</dd>"],
    ["where from", "<dt>from</dt><dd>100.64.0.3:48120</dd>"],
    ["the resolver and its answers", "<dt>resolver</dt><dd>10.77.8.53</dd></div><div><dt>its answers</dt><dd>10.77.8.2</dd>"],
    ["that none was recorded", "<dt>resolver</dt><dd>none recorded</dd>"],
    ["the certificate", "<dt>certificate</dt><dd>CN=TRAEFIK DEFAULT CERT, by itself</dd>"],
    ["the phases", "<dt>took</dt><dd>dns 0.4 ms, connect 0.3 ms, tls 3.1 ms, first byte 12 ms, total 16 ms</dd>"],
    ["the fault", '<dt>explained by</dt><dd><a href="#access-fault-1">R-1</a></dd>'],
    ["its cause, once", "Cause: Traefik routes by the host name that the client sends, and no rule has this one."],
  ])("shows %s", (_what, text) => expect(pageOf(anAccess())).toContain(text));
  test("is inert and whole whatever a stranger wrote", () => {
    const page = pageOf(aHostileAccess(`${hostile}"><img src=x onerror=alert(1)>`));
    expect(page).not.toMatch(/<(script|img|link|iframe|form|base)\b/i);
    expect(page).not.toContain("\u001b");
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="([^"]*)"/g)) expect(ids).toContain(target?.slice(1));
    for (const tag of [
      "section",
      "details",
      "div",
      "table",
      "ul",
      "li",
      "dl",
      "p",
      "tr",
      "td",
      "th",
      "span",
      "tbody",
      "summary",
    ]) {
      const opened = page.match(new RegExp(`<${tag}[ >]`, "g"))?.length ?? 0;
      expect([tag, page.match(new RegExp(`</${tag}>`, "g"))?.length ?? 0]).toEqual([tag, opened]);
    }
  });
});

test("a verdict with a matrix fits its schema, and one with a foreign field does not", () => {
  for (const access of [anAccess(), aBadAccess(), aHostileAccess(hostile)]) {
    const verdict = { ...green, access };
    expect(verdictDocumentSchema.parse(verdict)).toEqual(verdict);
    expect(verdictDocumentSchema.safeParse({ ...green, access: { ...access, ok: true } }).success).toBe(false);
  }
});
