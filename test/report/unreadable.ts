import type { Page } from "playwright-core";

/** Texts of a page's charts that a person could not read, each with why: too small, too little contrast (WCAG's 4.5), or one on another. */
export function unreadable(page: Page): Promise<string[]> {
  return page.locator("body").evaluate((body) => {
    const styleOf = (element: typeof body) => element.ownerDocument.defaultView.getComputedStyle(element);
    const colour = (text: string) => (text.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r = 0, g = 0, b = 0]: number[]) => {
      const linear = (c: number) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
    };
    const backgroundOf = (element: typeof body | null): number[] => {
      if (!element) return [255, 255, 255];
      const met = colour(styleOf(element).backgroundColor);
      return met.length === 3 || met[3] === 1 ? met : backgroundOf(element.parentElement);
    };
    const wrong: string[] = [];
    for (const chart of body.querySelectorAll(".chart")) {
      const labels = [...chart.querySelectorAll(".who, .tick, .ms, .said, .standing span, .missing")].filter(
        (one) => one.textContent !== "" && one.checkVisibility(),
      );
      for (const label of labels) {
        const style = styleOf(label);
        const [dark = 0, light = 0] = [luminance(colour(style.color)), luminance(backgroundOf(label))].toSorted((a, b) => a - b);
        const contrast = (light + 0.05) / (dark + 0.05);
        if (contrast < 4.5) wrong.push(`${label.textContent}: contrast ${contrast.toFixed(1)}`);
        if (Number.parseFloat(style.fontSize) < 10.5) wrong.push(`${label.textContent}: ${style.fontSize}`);
      }
      const boxes = labels.map((label) => ({ text: label.textContent as string, box: label.getBoundingClientRect() }));
      for (const [at, one] of boxes.entries())
        for (const other of boxes.slice(at + 1)) {
          const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
          const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
          // Line boxes are taller than letters.
          if (across > 1 && down > 4) wrong.push(`${one.text} lies on ${other.text}`);
        }
    }
    return wrong;
  });
}
