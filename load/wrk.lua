-- What one run of wrk measured, as one line of JSON after wrk's own words. Latencies are µs in wrk, ms here.
done = function(summary, latency, requests)
  local failed = 0
  for _, count in pairs(summary.errors) do failed = failed + count end
  io.write(string.format('{"n":%d,"failed":%d,"p50":%.3f,"p95":%.3f,"p99":%.3f}\n', summary.requests, failed,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency:percentile(99) / 1000))
end
