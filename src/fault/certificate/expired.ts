import type { FaultKind } from "../fault.ts";
import { type Shower, showerInWords, showing } from "./shown.ts";

/** A certificate that ended yesterday. */
interface Expired {
  kind: "certificate/expired";
  of: Shower;
}

export const expired: FaultKind<Expired> = {
  kind: "certificate/expired",
  words: ({ of }) => `${showerInWords(of)} shows a certificate that ended yesterday, and its renewal is refused`,
  prepare: (replica, { of }) => showing(replica, of, "expired", { beginsInDays: -90, days: -1 }),
};
