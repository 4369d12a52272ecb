// What the scripts of this folder share; k6's own JavaScript, no module of ours. Every setting comes from the environment:
// TARGET_URL (needed), RATE and TIME_UNIT, DURATION, HOSTS (JSON, name to address: what k6 resolves itself otherwise), VUS, MAX_VUS,
// INSECURE=1 (trust any certificate; else the roots of the system, or those of SSL_CERT_FILE), THRESHOLDS=off.
import http from "k6/http";

/** Sprocket's objectives for the API; `http_reqs` because a threshold on times alone passes when nothing was ever sent. */
const objectives = {
  http_req_duration: ["p(95)<500", "p(99)<1000"],
  http_req_failed: ["rate<0.01"],
  http_reqs: ["count>0"],
};

export function optionsFor(defaults) {
  const wanted = { ...defaults };
  for (const name of Object.keys(wanted)) if (__ENV[name]) wanted[name] = __ENV[name];
  return {
    hosts: JSON.parse(__ENV.HOSTS || "{}"),
    insecureSkipTLSVerify: __ENV.INSECURE === "1",
    userAgent: "sprocket-resilience k6",
    summaryTrendStats: ["count", "min", "avg", "med", "p(50)", "p(95)", "p(99)", "max"],
    thresholds: __ENV.THRESHOLDS === "off" ? {} : objectives,
    scenarios: {
      load: {
        executor: "constant-arrival-rate",
        rate: Number(wanted.RATE),
        timeUnit: wanted.TIME_UNIT,
        duration: wanted.DURATION,
        preAllocatedVUs: Number(__ENV.VUS || 20),
        maxVUs: Number(__ENV.MAX_VUS || 200),
        gracefulStop: "10s",
      },
    },
  };
}

/** One GraphQL query by POST; connections are kept by each virtual user, as k6 does it unless told otherwise. */
export function ask() {
  http.post(__ENV.TARGET_URL, JSON.stringify({ query: "{ __typename }" }), {
    headers: { "content-type": "application/json" },
    // The body is read and dropped, as our agent does in a series.
    responseType: "none",
    timeout: "5s",
  });
}

/** The whole summary as one JSON document on stdout, and nothing else there (`k6 run --quiet`; k6's words go to stderr). */
export function handleSummary(data) {
  return { stdout: JSON.stringify(data) };
}
