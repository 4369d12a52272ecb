/**
 * Runs a k6 script of load/ under Node with k6's own modules replaced, and prints what it is and did: its options, and for each kind of answer every check, every `whole` and every request.
 * Argument: the script's path. Its settings come from the environment, as k6 gives them.
 */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

/** How the server behaves: as it should, with GraphQL's errors in a 200, with data of nothing, with a gateway's own page, or not at all. */
const kinds = ["right", "errors", "empty", "gateway", "throws"] as const;

const runs: Record<
  string,
  { checks: Record<string, boolean[]>; whole: boolean[]; requests: { url: string; tags: object }[]; thrown: number }
> = {};
let now = { kind: "right" as (typeof kinds)[number], ...fresh() };
function fresh() {
  return {
    checks: {} as Record<string, boolean[]>,
    whole: [] as boolean[],
    requests: [] as { url: string; tags: object }[],
    thrown: 0,
  };
}

const right = {
  __typename: "Query",
  databaseTime: "2026-11-26T00:00:00.000Z",
  players: [],
  cached: { value: "v", hit: true },
  events: [],
  createPlayer: { id: "1", name: "n" },
  notify: { id: "1" },
  storage: { bytes: 36, intact: true },
  createScrim: { id: "s", status: "PENDING" },
  joinScrim: { status: "POPPED", players: ["1", "2"] },
  scrim: { status: "POPPED", players: ["1", "2"] },
  createSubmission: { id: "u", bytes: "replay of s".length },
  submission: { scrimId: "s", replay: "replay of s" },
};
type Response = { status: number; body: string; headers: Record<string, string> };
function answered(url: string, page: Response): Response {
  const api = url.endsWith("/graphql");
  if (now.kind === "throws") throw new Error("the script's own fault");
  if (now.kind === "gateway") return { status: 502, body: "Bad Gateway", headers: {} };
  if (now.kind === "right") return api ? { status: 200, body: JSON.stringify({ data: right }), headers: {} } : page;
  const none = Object.fromEntries(Object.keys(right).map((name) => [name, null]));
  const body = now.kind === "errors" ? { data: none, errors: [{ message: "no" }] } : { data: {} };
  return { status: 200, body: JSON.stringify(body), headers: { "Content-Type": "text/html" } };
}
const html = { "Content-Type": "text/html; charset=utf-8" };
const pages: Record<string, Response> = {
  "/": { status: 302, body: "", headers: { Location: "/auth/login" } },
  "/auth/login": { status: 200, body: `<body data-api="reachable">`, headers: html },
  "/login": { status: 302, body: "", headers: { Location: "https://provider.test/?redirect_uri=r&state=s" } },
};
const request = (url: string, parameters: { tags?: object } = {}): Response => {
  now.requests.push({ url, tags: parameters.tags ?? {} });
  return answered(url, pages[new URL(url).pathname] ?? { status: 404, body: "", headers: {} });
};

const execution = { scenario: { iterationInTest: 0, progress: 0 }, vu: { idInTest: 1, iterationInInstance: 0 } };
Object.assign(globalThis, {
  __ENV: process.env,
  k6Parts: {
    check(answer: unknown, expectations: Record<string, (answer: unknown) => boolean>) {
      let all = true;
      for (const [name, holds] of Object.entries(expectations)) {
        const held = Boolean(holds(answer));
        now.checks[name] = [...(now.checks[name] ?? []), held];
        all &&= held;
      }
      return all;
    },
    Rate: class {
      name: string;
      constructor(name: string) {
        this.name = name;
      }
      add(value: boolean) {
        if (this.name === "whole") now.whole.push(value);
      }
    },
    http: {
      get: request,
      post: (url: string, _body: string, parameters: object) => request(url, parameters),
    },
    execution,
  },
});
const modules: Record<string, string> = {
  k6: "export const check = k6Parts.check;",
  "k6/metrics": "export const Rate = k6Parts.Rate;",
  "k6/http": "export default k6Parts.http;",
  "k6/execution": "export default k6Parts.execution;",
};
registerHooks({
  resolve: (specifier, context, next) =>
    specifier in modules
      ? { url: `data:text/javascript,${encodeURIComponent(modules[specifier] as string)}`, shortCircuit: true }
      : next(specifier, context),
});

const script = await import(pathToFileURL(process.argv[2] as string).href);
const iterations = 20;
for (const kind of kinds) {
  now = { kind, ...fresh() };
  for (const { exec = "default" } of Object.values(script.options.scenarios as Record<string, { exec?: string }>)) {
    for (let at = 0; at < iterations; at += 1) {
      execution.scenario.iterationInTest = at;
      execution.scenario.progress = at / iterations;
      try {
        script[exec]();
      } catch {
        now.thrown += 1;
      }
    }
  }
  const { kind: _, ...run } = now;
  runs[kind] = run;
}
console.log(JSON.stringify({ options: script.options, summary: script.handleSummary({ a: 1 }), runs }));
