#!/usr/bin/env python3
"""The node in figures: `bench/node/figures.py` (as root, after ./fairlead build) starts a mesh in namespaces of its own and prints a Markdown table.

Exit code 3: a bar is missed.
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAIRLEAD = ROOT / "out" / "fairlead"
PODS = 50
ROUNDS = 5

POD = """
apiVersion: v1
kind: Pod
metadata: {{name: {name}, labels: {{app: {name}}}}}
spec:
  terminationGracePeriodSeconds: {grace}
  containers:
  - {{name: app, image: curlimages/curl, command: [sh, -c, "{command}"]}}
"""

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: many}
spec:
  replicas: 0
  selector: {matchLabels: {app: many}}
  template:
    metadata: {labels: {app: many}}
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - {name: app, image: curlimages/curl, command: [sleep, "86400"]}
"""


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def timed(action):
    began = time.monotonic()
    action()
    return time.monotonic() - began


def proportional_bytes():
    """Sum of PSS (proc(5), smaps_rollup) over every process of this pid namespace but this one, and the pods' file systems in memory."""
    total = 0
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            for line in (process / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except (FileNotFoundError, ProcessLookupError):
            continue
    return total


def wait_ready(count):
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        status = json.loads(run("kubectl", "get", "deploy", "many", "-o", "json"))["status"]
        if status.get("readyReplicas", 0) == count and status.get("replicas", 0) == count:
            return
        time.sleep(0.2)
    sys.exit(f"{count} pods were not ready in 300 s:\n" + run("kubectl", "get", "pods", "-A"))


def start(name):
    run("kubectl", "apply", "-f", "-", text=POD.format(name=name, grace=30, command="trap 'exit 0' TERM; while :; do sleep 0.1; done"))
    run("kubectl", "wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s")


def measure(state):
    up = [FAIRLEAD, "up", "--detach", "--isolated", "--state", state]
    run(*up)  # assembles images: the first set-up
    run(FAIRLEAD, "down", "--state", state)
    rows = [("`up` to ready, after the first set-up", timed(lambda: run(*up)), 3, "s")]
    run("kubectl", "wait", "--for=create", "serviceaccount/default", "--timeout=30s")
    start("warm")
    rows.append((f"pod of two containers, apply to Ready, median of {ROUNDS}", statistics.median(timed(lambda: start(f"p{i}")) for i in range(ROUNDS)), 2, "s"))
    rows.append((f"pod that ends when asked, deleted, median of {ROUNDS}",
                 statistics.median(timed(lambda: run("kubectl", "delete", "pod", f"p{i}")) for i in range(ROUNDS)), 1, "s"))
    run("kubectl", "apply", "-f", "-", text=POD.format(name="deaf", grace=2, command="trap : TERM; while :; do sleep 1; done"))
    run("kubectl", "wait", "--for=condition=Ready", "pod/deaf", "--timeout=60s")
    rows.append(("pod that does not, deleted, beyond its grace of 2 s", timed(lambda: run("kubectl", "delete", "pod", "deaf")) - 2, 1, "s"))
    run("kubectl", "delete", "pod", "warm")
    run("kubectl", "apply", "-f", "-", text=DEPLOYMENT)
    before = proportional_bytes()

    def grow():
        run("kubectl", "scale", "deploy/many", f"--replicas={PODS}")
        wait_ready(PODS)
    rows.append((f"{PODS} pods with a sidecar, all Ready", timed(grow), 90, "s"))
    time.sleep(10)
    after = proportional_bytes()
    rows.append((f"memory in all (sum of PSS), {PODS} pods", after / 2**20, 2048, "MiB"))
    rows.append(("of it each pod", (after - before) / PODS / 2**20, None, "MiB"))

    def shrink():
        run("kubectl", "scale", "deploy/many", "--replicas=0")
        while run("kubectl", "get", "pods", "-o", "name"):
            time.sleep(0.2)
    rows.append((f"all {PODS} gone", timed(shrink), None, "s"))
    run(FAIRLEAD, "down", "--purge", "--state", state)
    return rows


def main():
    if "--inside" not in sys.argv:
        os.execvp("unshare", ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private", "--mount-proc", sys.executable, __file__, "--inside"])
    for folder in ("/run/netns", "/run/runc"):
        os.makedirs(folder, exist_ok=True)
        run("mount", "-t", "tmpfs", "fairlead-bench", folder)
    run("ip", "link", "set", "lo", "up")
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as folder:
        os.environ["KUBECONFIG"] = f"{folder}/kubectl.conf"
        rows = measure(f"{folder}/state")
    print("| figure | value | bar |\n|---|---|---|")
    missed = False
    for name, value, bar, unit in rows:
        missed |= bar is not None and value > bar
        print(f"| {name} | {value:.2f} {unit} | {f'{bar} {unit}' if bar is not None else ''} |")
    return 3 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
