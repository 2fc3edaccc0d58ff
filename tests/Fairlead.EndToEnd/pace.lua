-- wrk with ten connections that wait 15 ms before each request: some 600 requests a second, and one line of what went wrong.
function delay() return 15 end

function done(summary, latency)
  io.write(string.format("requests=%d connect=%d read=%d write=%d timeout=%d status=%d slowest_ms=%d\n", summary.requests,
    summary.errors.connect, summary.errors.read, summary.errors.write, summary.errors.timeout, summary.errors.status, latency.max / 1000))
end
