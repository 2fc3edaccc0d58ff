#!/usr/bin/env python3
"""Measures the sidecar beside nginx, haproxy (with and without its log) and a C byte relay, in one run, interleaved.

  ./fairlead bench                                  every scenario, five rounds
  ./fairlead bench --scenario keepalive-64 --rounds 3
  ./fairlead bench --profile keepalive-64           perf report of the sidecar's managed and native frames
  ./fairlead bench --steps keepalive-64             a request's instructions, counted one by one, by method
  ./fairlead bench --smoke                          correctness and system calls per request only, never time

Loopback only, but for the scenario `capture`, which makes two network namespaces without a route outside. What each column means and the pitfalls: bench/README.md.
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
import aot
import report
import rounds
import scenarios
import steps

SMOKE_CALLS_MAX = 6.0      # System calls per request on keep-alive: four are the floor (two receives, two sends).


def profile(scenario, options):
    """A perf report: the share of kernel, libraries and managed code, then the costliest functions of user code and of the kernel."""
    # Managed frames get their names from the runtime's map, which perf looks up for anonymous memory only: no double mapping.
    os.environ.update(DOTNET_PerfMapEnabled="1", DOTNET_EnableWriteXorExecute="0")
    options.subjects = ["fairlead"]
    data = os.path.join(options.out, "perf.data")

    def perf_report(*arguments):
        run = subprocess.run(["perf", "report", "-i", data, "--no-children", "-g", "none", "--stdio", *arguments], capture_output=True, text=True)
        return "\n".join(line for line in run.stdout.splitlines() if line.strip() and not line.startswith("#"))

    def record(running):
        loader = threading.Thread(target=lambda: rounds.run_load(scenario, running[0], options.seconds + 2))
        loader.start()
        time.sleep(1)
        subprocess.run(["perf", "record", "-q", "-g", "-F", "1997", "-p", str(running[0].pid), "-o", data, "--", "sleep", str(options.seconds)], check=True)
        loader.join()
        user = [line for line in perf_report("--sort", "symbol", "--percent-limit", "0.15").splitlines() if "[.]" in line]
        return "\n\n".join([perf_report("--sort", "dso", "--percent-limit", "0.3"), "\n".join(user[:60]),
                            perf_report("--sort", "symbol", "--dso", "[kernel.kallsyms]", "--percent-limit", "1")])

    print(rounds.with_subjects(scenario, options, record))
    print(f"flame graph: perf script -i {data} | any of its renderers", file=sys.stderr)


def smoke(options):
    """Correctness and system calls per request; a failure prints what was expected. Time decides nothing here."""
    scenario = scenarios.named(["keepalive-64"])[0]
    options.subjects = ["fairlead"]

    def check(running):
        row = rounds.one_round(scenario, running[0], 2)
        return row, rounds.calls_per_request(running)["fairlead"]

    row, calls = rounds.with_subjects(scenario, options, check)
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
    parser.add_argument("--fairlead", default=os.path.join(root, "out", "fairlead"), help="for its capture rules")
    parser.add_argument("--bootstrap", default=os.path.join(here, "fairlead.yaml"))
    parser.add_argument("--profile", metavar="SCENARIO")
    parser.add_argument("--steps", metavar="SCENARIO")
    parser.add_argument("--aot", action="store_true", help="build the sidecar as Native AOT, too, and measure it beside the shipped one")
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    options.subjects = options.subjects.split(",")
    options.added = None
    options.aot = aot.build(root) if options.aot else None
    if options.aot:
        options.subjects.append("fairlead-aot")
    options.out = os.path.abspath(options.out or tempfile.mkdtemp(prefix="fairlead-bench-"))
    os.makedirs(options.out, exist_ok=True)
    if options.profile:
        return profile(scenarios.named([options.profile])[0], options)
    if options.steps:
        return steps.steps(scenarios.named([options.steps])[0], options)
    if options.smoke:
        return smoke(options)
    chosen = scenarios.named(options.scenario) if options.scenario else scenarios.ALL
    results, syscalls = {}, {}
    for scenario in chosen:
        def action(running, scenario=scenario):
            rows = rounds.measure_scenario(scenario, running, options)
            return rows, rounds.calls_per_request(running) if scenario.name == "keepalive-64" else {}
        rows, calls = rounds.with_subjects(scenario, options, action)
        results[scenario.name] = rows
        syscalls.update(calls)
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    text, bars = report.write(options.out, report.machine(date, options.proxy), chosen, results, syscalls)
    print(text)
    print(f"results: {options.out}/results.md, results.json, chart.svg", file=sys.stderr)
    return 0 if all(held for _, held in bars) else 3


if __name__ == "__main__":
    sys.exit(main())
