import { expect, it } from "vitest";
import { readWrkSummary } from "../../src/load/wrk.ts";

const printed = `Running 2s test @ http://127.0.0.1:20000/work
  1 threads and 7 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    70.39ms   17.29ms 100.31ms   57.71%
    Req/Sec    99.11     10.25   120.00     66.67%
  201 requests in 2.00s, 8.05KB read
Requests/sec:    100.38
Transfer/sec:      4.02KB
`;

it("reads the line of its script behind wrk's own words", () => {
  const line = '{"n":201,"failed":0,"p50":70.402,"p95":97.100,"p99":99.500}';
  expect(readWrkSummary(`${printed}${line}\n`)).toEqual({ n: 201, failed: 0, p50: 70.402, p95: 97.1, p99: 99.5 });
});

it("takes nothing else for a summary", () => {
  expect(() => readWrkSummary(printed)).toThrow();
  expect(() => readWrkSummary("")).toThrow();
  expect(() => readWrkSummary('{"n":201,"failed":0,"p50":70.4}')).toThrow();
});
