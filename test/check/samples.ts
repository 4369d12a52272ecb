import type { EventOf, HistoryEvent } from "../../src/history/events.ts";
import type { Sample } from "../../src/history/sample.ts";
import { historyOf, sampleEvent } from "./a-history.ts";

/** One sample as a judge gets it. */
export function seenSample(sample: Sample, target = "https://dashboard.example.test/"): EventOf<"sample"> {
  return { ...(historyOf([sampleEvent("o", "l", sample)])[0] as HistoryEvent & EventOf<"sample">), target };
}

export const good = (sample: Sample): boolean => sample.probe === "http" && sample.response?.status === 200;
