import type { CheckTier } from "../check/verdict.ts";
import { printable } from "./format.ts";

/** What every part of `report.html` is made with. */
export const tierNames: Record<CheckTier, string> = {
  layer1: "Layer 1",
  layer2: "Layer 2",
  platform: "Platform",
  run: "The run itself",
};

export function section(id: string, title: string, body: string): string {
  return `<section id="${id}">\n<h2>${title}</h2>\n${body}\n</section>`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Everything that comes from a history is a stranger's text. */
export function e(text: string): string {
  return printable(text).replace(/[&<>"']/g, (met) => entities[met] ?? met);
}

/** Where a check stands in the list of all. */
export function checkAnchor(id: string): string {
  return `check-${id.replace(/[^A-Za-z0-9]+/g, "-")}`;
}
