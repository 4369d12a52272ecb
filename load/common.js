// What the scripts of this folder share; k6's own JavaScript, no module of ours. Every setting comes from the environment: docs/measuring.md has them all, with defaults.
//
// k6 ends with 0 although nothing was proved in four ways, each closed here for every script:
// - a threshold of a metric without samples holds             → http_reqs and iterations must count, of every scenario and of every kind of request;
// - a check that fails changes nothing                        → `checks` has a threshold;
// - an exception in an iteration changes nothing              → `whole` counts the iterations that came to their end with every check passed;
// - an iteration without a free virtual user is not sent      → `dropped_iterations` must be none, or what is measured is no open model.
import { check } from "k6";
import { Rate } from "k6/metrics";

const whole = new Rate("whole");

/** The value from the environment, else the default; a number where the default is one. */
export function setting(name, fallback) {
  const told = __ENV[name];
  if (!told) return fallback;
  return typeof fallback === "number" ? Number(told) : told;
}

/** A URL that the script cannot do without. */
export function url(name) {
  const told = __ENV[name];
  if (!told) throw new Error(`${name} is not set: where to?`);
  return told.replace(/\/+$/, "");
}

export const measuringOnly = __ENV.THRESHOLDS === "off";

/** Sprocket's objectives: of the API (p95 500 ms, p99 1 s), and of a page, which must be there before anything of it can be painted (2 s). */
export const api = ["p(95)<500", "p(99)<1000"];
export const page = ["p(95)<2000"];

/**
 * @param scenarios k6's scenarios by name, without what all have alike
 * @param durations of http_req_duration: thresholds by selector ("" for all, "operation:players" for those with that tag); each selector must have been sent too
 */
export function optionsFor(scenarios, durations) {
  const thresholds = {
    http_req_failed: ["rate<0.01"],
    checks: ["rate>0.99"],
    whole: ["rate>0.99"],
    http_reqs: ["count>0"],
    iterations: ["count>0"],
    dropped_iterations: ["count<1"],
  };
  for (const name of Object.keys(scenarios)) {
    thresholds[`http_reqs{scenario:${name}}`] = ["count>0"];
    thresholds[`iterations{scenario:${name}}`] = ["count>0"];
  }
  for (const [selector, expressions] of Object.entries(durations)) {
    thresholds[selector ? `http_req_duration{${selector}}` : "http_req_duration"] = expressions;
    if (selector) thresholds[`http_reqs{${selector}}`] = ["count>0"];
  }
  const all = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    all[name] = {
      preAllocatedVUs: setting("VUS", 20),
      maxVUs: Math.max(setting("VUS", 20), setting("MAX_VUS", 200)),
      gracefulStop: "10s",
      ...scenario,
    };
  }
  return {
    hosts: JSON.parse(__ENV.HOSTS || "{}"),
    insecureSkipTLSVerify: __ENV.INSECURE === "1",
    userAgent: "sprocket-resilience k6",
    summaryTrendStats: ["count", "min", "avg", "med", "p(50)", "p(95)", "p(99)", "max"],
    thresholds: measuringOnly ? {} : thresholds,
    scenarios: all,
  };
}

/** A scenario at one rate for some time, whatever the answers do; `share` of RATE, at least one a unit of time. */
export function steadily({ rate, duration, exec, share = 1 }) {
  return {
    executor: "constant-arrival-rate",
    rate: Math.max(1, Math.round(setting("RATE", rate) * share)),
    timeUnit: setting("TIME_UNIT", "1m"),
    duration: setting("DURATION", duration),
    ...(exec ? { exec } : {}),
  };
}

/**
 * One iteration: `steps` gets a `verify` that checks an answer and says whether all went well so far. What throws counts as not whole, and is thrown on so that k6 tells it.
 */
export function flow(steps) {
  let good = true;
  let ended = false;
  try {
    steps((answer, expectations) => {
      good = check(answer, expectations) && good;
      return good;
    });
    ended = true;
  } finally {
    whole.add(ended && good);
  }
}

/** The whole summary as one JSON document on stdout, and nothing else there (`k6 run --quiet`; k6's words go to stderr). */
export function handleSummary(data) {
  return { stdout: JSON.stringify(data) };
}
