#!/usr/bin/env python3
"""Measures the sidecar beside nginx, haproxy (with and without its log) and a C byte relay, in one run, interleaved.

  ./fairlead bench                                  every scenario, five rounds
  ./fairlead bench --scenario keepalive-64 --rounds 3
  ./fairlead bench --profile keepalive-64           perf report of the sidecar's managed and native frames
  ./fairlead bench --smoke                          correctness and system calls per request only, never time

Loopback only. What each column means and the pitfalls: bench/README.md.
"""
import argparse
import datetime
import os
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import load
import measure
import report
import scenarios
import subjects

LOG_BYTES_MAX = 500 << 20  # An access log is emptied beyond this, between rounds.
SMOKE_CALLS_MAX = 6.0      # System calls per request on keep-alive: four are the floor (two receives, two sends).


def count_lines(path, offset):
    """(lines after offset, new end) of a log."""
    lines = 0
    with open(path, "rb") as log:
        log.seek(offset)
        while chunk := log.read(1 << 20):
            lines += chunk.count(b"\n")
        return lines, log.tell()


def check_answer(subject, page):
    status, _, body = load.one_request(subject.port, f"/{page}")
    expected = subjects.body(subjects.SIZES[page])
    if status != 200 or body != expected:
        raise SystemExit(f"{subject.name}: wrong answer for /{page}: status {status}, {len(body)} bytes instead of {len(expected)}")


def settle_log(path, offset, expected, seconds=3):
    """Waits until the log has grown by what the requests should have written: buffered writers flush within a second."""
    end = time.monotonic() + seconds
    lines = 0
    while time.monotonic() < end:
        lines, _ = count_lines(path, offset)
        if lines >= expected:
            break
        time.sleep(0.1)
    return lines


def run_load(scenario, subject, seconds):
    path = "/upload" if scenario.upload_bytes else f"/{scenario.page}"
    if scenario.kind == "rate":
        return load.fixed_rate(subject.port, path, scenario.rate, seconds, subjects.LOAD_CPU)
    return load.wrk(subject.port, path, scenario.connections, seconds, subjects.LOAD_CPU, scenario.upload_bytes, scenario.close)


def one_round(scenario, subject, seconds):
    offset = os.path.getsize(subject.log) if subject.log and os.path.exists(subject.log) else 0
    clocks = measure.cpu_clocks()
    cpu = measure.cpu_seconds(subject.pid) if subject.pid else (0, 0)
    switches = measure.context_switches(subject.pid) if subject.pid else 0
    result = run_load(scenario, subject, seconds)
    after = measure.cpu_seconds(subject.pid) if subject.pid else (0, 0)
    clocks_after = measure.cpu_clocks()
    requests = max(1, result["requests"])
    result.update(us=(after[0] - cpu[0]) * 1e6 / requests, user=(after[1] - cpu[1]) * 1e6 / requests,
                  switches=((measure.context_switches(subject.pid) - switches) / requests) if subject.pid else 0,
                  rss=measure.rss_mib(subject.pid) if subject.pid else 0, notes=[],
                  cpu0=measure.cpu_busy_percent(clocks, clocks_after, "cpu0"),
                  cpu1=measure.cpu_busy_percent(clocks, clocks_after, "cpu1") if os.cpu_count() > 1 else 0)
    if subject.log and scenario.kind != "tcp":
        lines = settle_log(subject.log, offset, requests)
        # Requests that were under way when the generator stopped are logged and not counted.
        if not requests <= lines <= requests + 2 * max(scenario.connections, 10):
            result["notes"].append(f"LOG: {lines} lines for {requests} requests")
        if os.path.getsize(subject.log) > LOG_BYTES_MAX:
            os.truncate(subject.log, 0)
    return result


def idle_round(scenario, subject):
    before = measure.rss_mib(subject.pid)
    held = load.hold_idle(subject.port, "/100b", scenario.connections)
    time.sleep(1)
    after = measure.rss_mib(subject.pid)
    for sock in held:
        sock.close()
    per_connection = (after - before) * 1024 / scenario.connections
    zero = dict.fromkeys(("us", "user", "rps", "p50", "p90", "p99", "p999", "switches", "cpu0", "cpu1"), 0)
    return {**zero, "rss": after, "kib_per_connection": per_connection, "errors": {}, "notes": [f"{per_connection:.1f} KiB per idle connection"]}


def measure_scenario(scenario, running, rounds, seconds):
    rows = {}
    for number in range(rounds):
        for subject in running:
            result = idle_round(scenario, subject) if scenario.kind == "idle" else one_round(scenario, subject, seconds)
            rows.setdefault(subject.name, []).append(result)
            print(f"  {scenario.name} round {number + 1}: {subject.name:14s} {result['us']:8.1f} µs/req {result['rps']:9.0f} rps "
                  f"{' '.join(result['notes'])}", file=sys.stderr)
        if scenario.kind == "idle":
            break
    return {name: report.summarise(found) for name, found in rows.items()}


def make_subjects(scenario, directory, binary, bootstrap, peers):
    if scenario.kind == "tcp":
        ours = subjects.fairlead(directory, binary, bootstrap, 1)
        ours.port, ours.log = 18015, None
        every = {"relay": lambda: subjects.relay(directory), "haproxy-nolog": lambda: subjects.haproxy_tcp(directory), "fairlead": lambda: ours}
    else:
        every = {"direct": lambda: subjects.Subject("direct", subjects.UPSTREAM_PORT, None), "relay": lambda: subjects.relay(directory),
                 "nginx": lambda: subjects.nginx(directory, scenario.workers), "haproxy-nolog": lambda: subjects.haproxy(directory, False, scenario.workers),
                 "haproxy": lambda: subjects.haproxy(directory, True, scenario.workers),
                 "fairlead": lambda: subjects.fairlead(directory, binary, bootstrap, scenario.workers)}
    chosen = [make() for name, make in every.items() if name in peers]
    for subject in chosen:
        if subject.name == "haproxy-tcp":
            subject.name = "haproxy-nolog"
    return [one for one in chosen if not (scenario.kind == "idle" and one.name in ("direct", "relay"))]


def with_subjects(scenario, options, action):
    """Starts upstream and subjects, warms them up, runs the action and stops what was started, whatever happens."""
    up = subjects.upstream(options.out)
    running = make_subjects(scenario, options.out, options.proxy, options.bootstrap, options.subjects)
    started = []
    try:
        up.start(options.out, subjects.LOAD_CPU)
        started.append(up)
        for subject in running:
            subject.start(options.out, "0,1" if scenario.workers > 1 else subjects.PROXY_CPU)
            started.append(subject)
            check_answer(subject, scenario.page)
        if scenario.kind != "idle":
            for subject in running:
                run_load(scenario, subject, options.warm)
        answer = action(running)
        for subject in running:
            check_answer(subject, scenario.page)
        return answer
    finally:
        for subject in reversed(started):
            subject.stop()


def calls_per_request(running):
    found = {}
    for subject in running:
        if not subject.pid:
            continue
        result = {}
        loader = threading.Thread(target=lambda: result.update(load.wrk(subject.port, "/2k", 64, 4, subjects.LOAD_CPU)))
        loader.start()
        time.sleep(1)
        calls = measure.count_syscalls(subject.pid, 2)
        loader.join()
        # strace slows the subject: requests while it was attached are counted from receives of request heads, two receives a request.
        requests = max(1, (calls.get("recvfrom", 0) + calls.get("read", 0) + calls.get("recvmsg", 0)) / 2)
        found[subject.name] = {name: count / requests for name, count in calls.items()}
    return found


def profile(scenario, options):
    os.environ["DOTNET_PerfMapEnabled"] = "1"
    options.subjects = ["fairlead"]

    def record(running):
        data = os.path.join(options.out, "perf.data")
        loader = threading.Thread(target=lambda: run_load(scenario, running[0], options.seconds + 2))
        loader.start()
        time.sleep(1)
        subprocess.run(["perf", "record", "-q", "-g", "-F", "997", "-p", str(running[0].pid), "-o", data, "--", "sleep", str(options.seconds)], check=True)
        loader.join()
        run = subprocess.run(["perf", "report", "-i", data, "--no-children", "-g", "none", "--stdio", "--percent-limit", "0.3"], capture_output=True, text=True)
        return run.stdout

    print(with_subjects(scenario, options, record))


def smoke(options):
    """Correctness and system calls per request; a failure prints what was expected. Time decides nothing here."""
    scenario = scenarios.named(["keepalive-64"])[0]
    options.subjects = ["fairlead"]

    def check(running):
        row = one_round(scenario, running[0], 2)
        return row, calls_per_request(running)["fairlead"]

    row, calls = with_subjects(scenario, options, check)
    wrong = [f"{name} errors: {count}" for name, count in row["errors"].items() if count] + row["notes"]
    total = sum(calls.values())
    if total > SMOKE_CALLS_MAX:
        wrong.append(f"{total:.1f} system calls per request, at most {SMOKE_CALLS_MAX} expected: {calls}")
    for line in wrong:
        print(f"bench smoke: {line}", file=sys.stderr)
    print(f"bench smoke: {row['requests']} requests, {total:.2f} system calls per request")
    return 1 if wrong else 0


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(here)
    parser = argparse.ArgumentParser(prog="fairlead bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scenario", action="append", default=[], help="one of: " + ", ".join(s.name for s in scenarios.ALL))
    parser.add_argument("--subjects", default="direct,relay,nginx,haproxy-nolog,haproxy,fairlead")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="length of one load")
    parser.add_argument("--warm", type=int, default=6, help="seconds of load before the first round")
    parser.add_argument("--out", help="results folder; a new temporary one by default")
    parser.add_argument("--proxy", default=os.path.join(root, "out", "fairlead-proxy"))
    parser.add_argument("--bootstrap", default=os.path.join(here, "fairlead.yaml"))
    parser.add_argument("--profile", metavar="SCENARIO")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    options.subjects = options.subjects.split(",")
    options.out = os.path.abspath(options.out or tempfile.mkdtemp(prefix="fairlead-bench-"))
    os.makedirs(options.out, exist_ok=True)
    if options.profile:
        return profile(scenarios.named([options.profile])[0], options)
    if options.smoke:
        return smoke(options)
    chosen = scenarios.named(options.scenario) if options.scenario else scenarios.ALL
    results, syscalls = {}, {}
    for scenario in chosen:
        def action(running, scenario=scenario):
            rows = measure_scenario(scenario, running, options.rounds, options.seconds)
            return rows, calls_per_request(running) if scenario.name == "keepalive-64" else {}
        rows, calls = with_subjects(scenario, options, action)
        results[scenario.name] = rows
        syscalls.update(calls)
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    text, bars = report.write(options.out, report.machine(date, options.proxy), chosen, results, syscalls)
    print(text)
    print(f"results: {options.out}/results.md, results.json, chart.svg", file=sys.stderr)
    return 0 if all(held for _, held in bars) else 3


if __name__ == "__main__":
    sys.exit(main())
