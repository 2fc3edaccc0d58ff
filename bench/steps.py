"""Counts a request's instructions exactly, where no machine counter does: a worker is single-stepped under the rig's load (steps.c).

A change of 2 % is within the noise of every timing and plain to see here: compare instructions per call. The window cuts through the requests
under way, so methods at a request's beginning and at its end may differ in calls. Instructions of the kernel are not counted; each byte of a
`rep movsb` (a long copy of libc) counts as one.
"""
import array
import bisect
import collections
import os
import re
import subprocess
import threading
import time

import rounds

COUNT = 1_500_000      # some seventy requests, in about 15 s
WARM_SECONDS = 12      # the last methods are compiled anew after ten
PER_REQUEST = "HttpStream::Finish()"


def steps(scenario, options):
    # As for perf: the runtime writes the names of what it compiles to a map, and code stays where it is.
    os.environ.update(DOTNET_PerfMapEnabled="1", DOTNET_EnableWriteXorExecute="0")
    options.subjects, options.warm = ["fairlead"], max(options.warm, WARM_SECONDS)
    binary, places = os.path.join(options.out, "steps"), os.path.join(options.out, "steps.bin")
    subprocess.run(["gcc", "-O2", "-o", binary, os.path.join(os.path.dirname(os.path.abspath(__file__)), "steps.c")], check=True)

    def record(running):
        pid = running[0].pid
        loader = threading.Thread(target=lambda: rounds.run_load(scenario, running[0], 30))
        loader.start()
        time.sleep(2)
        subprocess.run([binary, worker_thread(pid), str(COUNT), places], check=True)
        names = f"/tmp/perf-{pid}.map"
        table = report(places, methods(names), libraries(pid))
        loader.join()
        os.remove(names)
        return table

    print(rounds.with_subjects(scenario, options, record))


def worker_thread(pid):
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/comm") as name:
            if name.read().startswith("worker-0"):
                return thread
    raise SystemExit(f"error: process {pid} has no thread worker-0")


def methods(path):
    """[(first address, bytes, name)], in order of addresses: what the runtime has compiled."""
    found = []
    with open(path, errors="replace") as lines:
        for line in lines:
            start, size, name = line.rstrip("\n").split(" ", 2)
            found.append((int(start, 16), int(size, 16), name))
    return sorted(found)


def libraries(pid):
    """The same of what is mapped from files."""
    found = []
    with open(f"/proc/{pid}/maps") as lines:
        for line in lines:
            addresses, *_, name = line.split()
            start, end = (int(address, 16) for address in addresses.split("-"))
            found.append((start, end - start, "{" + os.path.basename(name) + "}"))
    return sorted(found)


def find(ranges, starts, address):
    index = bisect.bisect_right(starts, address) - 1
    # A method that was compiled anew may lie where another one was.
    for start, size, name in reversed(ranges[max(0, index - 3):index + 1]):
        if start <= address < start + size:
            return start, name
    return None


def report(places, compiled, mapped):
    addresses = array.array("Q")
    with open(places, "rb") as file:
        addresses.frombytes(file.read())
    compiled_starts, mapped_starts = [entry[0] for entry in compiled], [entry[0] for entry in mapped]
    instructions, calls, lines = collections.Counter(), collections.Counter(), collections.defaultdict(set)
    for address, times in collections.Counter(addresses).items():
        start, name = find(compiled, compiled_starts, address) or find(mapped, mapped_starts, address) or (0, "?")
        instructions[name] += times
        lines[name].add(address >> 6)
        if address == start:
            calls[name] += times
    requests = sum(times for name, times in calls.items() if PER_REQUEST in name)
    if requests == 0:
        raise SystemExit(f"error: no request ended within {len(addresses)} instructions")
    rows = [f"{len(addresses) / requests:.0f} instructions a request, in {sum(map(len, lines.values()))} lines of 64 bytes; {requests} requests", "",
            f"{'instructions':>12} {'calls':>6} {'lines':>6}  of a request: method"]
    for name, times in instructions.most_common(60):
        short = re.sub(r"\[[^\]]*\] ?|valuetype |class |instance ", "", name)
        rows.append(f"{times / requests:12.1f} {calls[name] / requests:6.2f} {len(lines[name]):6}  {short[:140]}")
    return "\n".join(rows)
