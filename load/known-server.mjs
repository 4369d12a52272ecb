// A server with a known distribution of latencies, in a process of its own so that nothing of a client waits in its event loop. It prints its port. `/work` answers after
// the next delay of a fixed list, which begins again at its end; `/now` at once; `/queue` serves one request after another, QUEUE_MS (5) each, and so exactly 1000 ÷ QUEUE_MS a
// second; `/records` with what it saw itself of each since `/reset`: from the request being read to the answer being handed over, ms.
// Arguments: how many delays, and the port (any free one without it).
import http from "node:http";

const count = Number(process.argv[2]);
const port = Number(process.argv[3] ?? 0);
/** Exponential above a floor: p50 62 ms, p95 200 ms, p99 296 ms; every quantile exactly once, in a scattered order. */
const delays = Array.from({ length: count }, (_, at) => 20 - 60 * Math.log(1 - (((at * 229) % count) + 0.5) / count));
let records = { work: [], now: [], queue: [] };
let taken = 0;
const queueMs = Number(process.env.QUEUE_MS ?? 5);
/** When the queue is through with what it was given. */
let freeAt = 0;

function delayOf(path, began) {
  if (path === "now") return 0;
  if (path === "work") return delays[taken++ % count];
  freeAt = Math.max(freeAt, began) + queueMs;
  return freeAt - began;
}

http
  .createServer((request, response) => {
    if (request.url === "/records") return response.end(JSON.stringify({ delays, ...records }));
    if (request.url === "/reset") {
      records = { work: [], now: [], queue: [] };
      taken = 0;
      return response.end("ok");
    }
    const began = performance.now();
    const path = request.url === "/now" ? "now" : request.url === "/queue" ? "queue" : "work";
    const delay = delayOf(path, began);
    // A timer counts from the event loop's own clock, which is behind after a busy turn, so it may fire early: what is left is waited for again.
    const answer = () => {
      const left = delay - (performance.now() - began);
      if (left > 0) return setTimeout(answer, Math.ceil(left));
      response.end("ok");
      records[path].push(performance.now() - began);
    };
    answer();
  })
  .listen(port, "127.0.0.1", function () {
    process.stdout.write(`${this.address().port}\n`);
  });
