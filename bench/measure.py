"""What the kernel says about a process: CPU time, memory, context switches, system calls."""
import os
import re
import subprocess
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def family(pid):
    """The process and its descendants: nginx and haproxy may fork workers."""
    children = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as stat:
                parent = int(stat.read().rsplit(")", 1)[1].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(parent, []).append(int(entry))
    found, queue = [], [pid]
    while queue:
        current = queue.pop()
        found.append(current)
        queue += children.get(current, [])
    return found


def cpu_seconds(pid):
    """(total, user): utime + stime of the process family. The total is the scheduler's exact run time, the split is sampled."""
    total = user = 0
    for member in family(pid):
        try:
            with open(f"/proc/{member}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        user += int(fields[11])
        total += int(fields[11]) + int(fields[12])
    return total / TICKS_PER_SECOND, user / TICKS_PER_SECOND


def rss_mib(pid):
    total = 0
    for member in family(pid):
        with open(f"/proc/{member}/status") as status:
            found = re.search(r"VmRSS:\s+(\d+)", status.read())
        total += int(found[1]) if found else 0
    return total / 1024


def context_switches(pid):
    total = 0
    for member in family(pid):
        for task in os.listdir(f"/proc/{member}/task"):
            try:
                with open(f"/proc/{member}/task/{task}/status") as status:
                    total += sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", status.read())))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return total


def cpu_busy_percent(before, after, cpu):
    busy = after[cpu][0] - before[cpu][0]
    return 100 * busy / max(1, after[cpu][1] - before[cpu][1])


def cpu_clocks():
    clocks = {}
    with open("/proc/stat") as stat:
        for line in stat:
            if re.match(r"cpu\d", line):
                fields = line.split()
                ticks = list(map(int, fields[1:9]))
                clocks[fields[0]] = (sum(ticks) - ticks[3] - ticks[4], sum(ticks))
    return clocks


def count_syscalls(pid, seconds):
    """System calls by name of the process family within so many seconds, counted by strace; its times mean nothing."""
    attach = [arg for member in family(pid) for arg in ("-p", str(member))]
    tracer = subprocess.Popen(["strace", "-f", "-c", "-U", "calls,name", *attach], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    time.sleep(seconds)
    tracer.send_signal(2)
    text = tracer.communicate(timeout=20)[1]
    return {name: int(calls) for calls, name in re.findall(r"^\s*(\d+)\s+(\w+)$", text, re.M) if name != "total"}
