-- Prints one JSON line at the end, so that nobody parses wrk's prose.
done = function(summary, latency, requests)
  io.write(string.format(
    '{"requests":%d,"bytes":%d,"duration_us":%d,"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,' ..
    '"p50":%d,"p90":%d,"p99":%d,"p999":%d}\n',
    summary.requests, summary.bytes, summary.duration, summary.errors.status, summary.errors.connect, summary.errors.read,
    summary.errors.write, summary.errors.timeout, latency:percentile(50), latency:percentile(90), latency:percentile(99),
    latency:percentile(99.9)))
end
