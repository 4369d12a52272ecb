// Up the stairs to the knee: STEPS (10) rates from RATE (350 a minute) to MAX_RATE (20 ×), each as many times the one before, STEP_DURATION (10s) each. Every step has a threshold of its own, named by its rate:
// the knee lies below the first that is crossed, and k6 ends with 99 when there is one.
import exec from "k6/execution";
import { askTypename } from "./api.js";
import { handleSummary, optionsFor, setting } from "./common.js";

const first = setting("RATE", 350);
const last = setting("MAX_RATE", first * 20);
const steps = setting("STEPS", 10);
const rates = Array.from({ length: steps }, (_, at) => Math.round(first * (last / first) ** (steps > 1 ? at / (steps - 1) : 0)));

export const options = optionsFor(
  {
    ramp: {
      executor: "ramping-arrival-rate",
      startRate: first,
      timeUnit: setting("TIME_UNIT", "1m"),
      // A stage of no time jumps: a step that is climbed has no rate of its own.
      stages: rates.flatMap((target) => [
        { target, duration: "0s" },
        { target, duration: setting("STEP_DURATION", "10s") },
      ]),
    },
  },
  Object.fromEntries(rates.map((rate) => [`rate:${rate}`, ["p(95)<500"]])),
);
export { handleSummary };
export default () => askTypename({ rate: String(rates[Math.min(steps - 1, Math.floor(exec.scenario.progress * steps))]) });
