import type { FaultKind } from "../fault.ts";
import { type Shower, showerInWords, showing } from "./shown.ts";

/** A certificate that is valid still, and ends soon. */
interface AboutToExpire {
  kind: "certificate/about-to-expire";
  of: Shower;
  /** How soon. */
  inHours: number;
}

export const aboutToExpire: FaultKind<AboutToExpire> = {
  kind: "certificate/about-to-expire",
  words: ({ of, inHours }) => `${showerInWords(of)} shows a certificate that ends in ${inHours} h, and its renewal is refused`,
  prepare: (replica, { of, inHours }) => showing(replica, of, "about-to-expire", { beginsInDays: -89, days: inHours / 24 }),
};
