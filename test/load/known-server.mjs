// A server with a known distribution of latencies, in a process of its own so that nothing of the test waits in its event loop. It prints its port. `/work` answers
// after the next delay of a fixed list, `/now` at once, `/records` with what it saw itself of `/work`: from the request being read to the answer being handed over, ms.
import http from "node:http";

const count = Number(process.argv[2]);
/** Exponential above a floor: p50 62 ms, p95 200 ms, p99 296 ms; every quantile exactly once, in a scattered order. */
const delays = Array.from({ length: count }, (_, at) => 20 - 60 * Math.log(1 - (((at * 229) % count) + 0.5) / count));
const records = [];
let taken = 0;

http
  .createServer((request, response) => {
    if (request.url === "/now") return response.end("ok");
    if (request.url === "/records") return response.end(JSON.stringify({ delays, records }));
    const began = performance.now();
    const delay = delays[taken++] ?? 0;
    // A timer counts from the event loop's own clock, which is behind after a busy turn, so it may fire early: what is left is waited for again.
    const answer = () => {
      const left = delay - (performance.now() - began);
      if (left > 0) return setTimeout(answer, Math.ceil(left));
      response.end("ok");
      records.push(performance.now() - began);
    };
    answer();
  })
  .listen(0, "127.0.0.1", function () {
    process.stdout.write(`${this.address().port}\n`);
  });
