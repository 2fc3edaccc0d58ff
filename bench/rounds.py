"""One scenario: start upstream and subjects, warm them up, load each in turn, check that every answer and every log line was right."""
import contextlib
import dataclasses
import os
import statistics
import subprocess
import sys
import threading
import time

import capture
import load
import measure
import report
import sidecar
import subjects

STARTS_EACH_ROUND = 5
LOG_BYTES_MAX = 500 << 20  # An access log is emptied beyond this, between rounds.
SLOW_READERS, SLOW_BYTES_PER_SECOND = 200, 160 << 10
GONE = ("x-forwarded-proto",)  # what a peer adds by itself or the client sent: nothing to copy


@dataclasses.dataclass
class Work:
    """What every subject does to a request beside passing it on."""
    added: dict
    hosts: int = sidecar.OTHER_HOSTS
    routes: int = 1
    request_added: dict = dataclasses.field(default_factory=dict)
    request_removed: tuple = ()
    response_added: dict = dataclasses.field(default_factory=dict)
    json_log: bool = False

    @staticmethod
    def of(scenario, added):
        if scenario.special == "routes":
            return Work(added, sidecar.MANY_HOSTS, sidecar.ROUTES_EACH)
        if scenario.special == "features":
            return Work(added, request_added=sidecar.REQUEST_ADDED, request_removed=(sidecar.REQUEST_REMOVED,),
                        response_added=sidecar.RESPONSE_ADDED, json_log=True)
        return Work(added)


def count_lines(path, offset):
    """Lines after offset of a log."""
    lines = 0
    with open(path, "rb") as log:
        log.seek(offset)
        while chunk := log.read(1 << 20):
            lines += chunk.count(b"\n")
    return lines


def check_answer(scenario, subject):
    if subject.address != "127.0.0.1":
        return
    status, _, body = load.one_request(subject.port, f"/{scenario.page}", tls=scenario.kind == "tls")
    expected = subjects.body(subjects.SIZES[scenario.page])
    if status != 200 or body != expected:
        raise SystemExit(f"{scenario.name}: {subject.name}: wrong answer for /{scenario.page}: status {status}, {len(body)} bytes instead of {len(expected)}")


def settle_log(path, offset, expected, seconds=3):
    """Waits until the log has grown by what the requests should have written: buffered writers flush within a second."""
    end = time.monotonic() + seconds
    lines = 0
    while time.monotonic() < end:
        lines = count_lines(path, offset)
        if lines >= expected:
            break
        time.sleep(0.1)
    return lines


def run_load(scenario, subject, seconds):
    path = "/upload" if scenario.upload_bytes else f"/{scenario.page}"
    if scenario.kind == "rate":
        return load.fixed_rate(subject.port, path, scenario.rate, seconds, subjects.LOAD_CPU)
    if scenario.kind == "tls":
        return load.tls(subject.port, path, scenario.connections, seconds, subjects.LOAD_CPU)
    return load.wrk(subject.port, path, scenario.connections, seconds, subjects.LOAD_CPU, scenario.upload_bytes, scenario.close,
                    address=subject.address, inside=getattr(subject, "inside", ()))


@contextlib.contextmanager
def slow_readers(scenario, subject):
    if scenario.kind != "slow":
        yield
        return
    readers = load.SlowReaders(subject.port, "/10m", SLOW_READERS, SLOW_BYTES_PER_SECOND)
    reading = threading.Thread(target=readers.run)
    reading.start()
    # The kernel's buffers of all of them fill at once, before they are slow.
    time.sleep(2)
    try:
        yield
    finally:
        readers.close()
        reading.join()
        readers.drop()


def one_round(scenario, subject, seconds):
    offset = os.path.getsize(subject.log) if subject.log and os.path.exists(subject.log) else 0
    with slow_readers(scenario, subject):
        clocks = measure.cpu_clocks()
        cpu = measure.cpu_seconds(subject.pid) if subject.pid else (0, 0)
        switches = measure.context_switches(subject.pid) if subject.pid else 0
        began = time.monotonic()
        result = run_load(scenario, subject, seconds)
        elapsed = time.monotonic() - began
        after = measure.cpu_seconds(subject.pid) if subject.pid else (0, 0)
        rss = measure.rss_mib(subject.pid) if subject.pid else 0
    clocks_after = measure.cpu_clocks()
    requests = max(1, result["requests"])
    result.update(us=(after[0] - cpu[0]) * 1e6 / requests, user=(after[1] - cpu[1]) * 1e6 / requests,
                  core=100 * (after[0] - cpu[0]) / elapsed,
                  switches=((measure.context_switches(subject.pid) - switches) / requests) if subject.pid else 0, rss=rss, notes=[],
                  cpu0=measure.cpu_busy_percent(clocks, clocks_after, "cpu0"),
                  cpu1=measure.cpu_busy_percent(clocks, clocks_after, "cpu1") if os.cpu_count() > 1 else 0)
    if subject.log:
        lines = settle_log(subject.log, offset, requests)
        # Requests that were under way when the generator stopped are logged and not counted.
        under_way = 2 * max(scenario.connections, 10) + (SLOW_READERS if scenario.kind == "slow" else 0)
        if not requests <= lines <= requests + under_way:
            result["notes"].append(f"LOG: {lines} lines for {requests} requests")
        if os.path.getsize(subject.log) > LOG_BYTES_MAX:
            os.truncate(subject.log, 0)
    return result


def idle_round(scenario, subject):
    time.sleep(1)
    before = measure.rss_mib(subject.pid)
    held = load.hold_idle(subject.port, "/100b", scenario.connections)
    time.sleep(1)
    after = measure.rss_mib(subject.pid)
    for sock in held:
        sock.close()
    per_connection = (after - before) * 1024 / scenario.connections
    zero = dict.fromkeys(("us", "user", "rps", "p50", "p90", "p99", "p999", "switches", "cpu0", "cpu1", "core"), 0)
    return {**zero, "rss": after, "kib_per_connection": per_connection, "errors": {}, "notes": [f"{per_connection:.1f} KiB per idle connection"]}


def start_round(scenario, subject, directory):
    """Milliseconds from the start of a process to its first right answer; polled each millisecond, both CPUs free for it."""
    took = []
    for _ in range(STARTS_EACH_ROUND):
        subject.stop()
        began = time.monotonic()
        subject.launch(directory, "0,1")
        if subject.admin_port:
            load.wait_for_answer(subject.admin_port, "/ready")
        load.wait_for_answer(subject.port, f"/{scenario.page}")
        took.append((time.monotonic() - began) * 1000)
    zero = dict.fromkeys(("us", "user", "rps", "p50", "p90", "p99", "p999", "switches", "cpu0", "cpu1", "core"), 0)
    return {**zero, "rss": measure.rss_mib(subject.pid), "ready": statistics.median(took), "errors": {}, "notes": []}


def measure_scenario(scenario, running, options):
    special = {"idle": lambda subject: idle_round(scenario, subject), "start": lambda subject: start_round(scenario, subject, options.out)}
    measured = special.get(scenario.kind, lambda subject: one_round(scenario, subject, options.seconds))
    rows = {}
    for number in range(options.rounds):
        for subject in running:
            result = measured(subject)
            rows.setdefault(subject.name, []).append(result)
            print(f"  {scenario.name} round {number + 1}: {subject.name:14s} {result['us']:8.1f} µs/req {result['rps']:9.0f} rps "
                  f"{' '.join(result['notes'])}", file=sys.stderr)
        if scenario.kind == "idle":
            break
    return {name: report.summarise(found) for name, found in rows.items()}


def make_subjects(scenario, options, work, pod):
    directory = options.out
    ours = lambda place=None: sidecar.fairlead(directory, options.proxy, options.bootstrap, scenario, place)
    if scenario.special == "capture":
        every = {"direct": lambda: in_pod(subjects.Subject("direct", subjects.UPSTREAM_PORT, None), pod), "fairlead": lambda: in_pod(ours(pod.place()), pod)}
    elif scenario.kind in ("tcp", "tls"):
        tls = scenario.kind == "tls"
        every = {"relay": lambda: subjects.relay(directory, sidecar.TLS_UPSTREAM_PORT if tls else subjects.UPSTREAM_PORT),
                 "nginx": lambda: subjects.nginx_tcp(directory, tls), "haproxy-nolog": lambda: subjects.haproxy_tcp(directory, tls), "fairlead": ours}
    else:
        every = {"direct": lambda: subjects.Subject("direct", subjects.UPSTREAM_PORT, None), "relay": lambda: subjects.relay(directory),
                 "nginx": lambda: subjects.nginx(directory, scenario, work), "haproxy-nolog": lambda: subjects.haproxy(directory, False, scenario, work),
                 "haproxy": lambda: subjects.haproxy(directory, True, scenario, work), "fairlead": ours}
        if scenario.workers > 1:
            every["fairlead-one"] = lambda: one_worker(scenario, options)
        if options.aot:
            every["fairlead-aot"] = lambda: sidecar.fairlead(directory, options.aot, options.bootstrap, scenario, name="fairlead-aot", shift=100)
    chosen = [make() for name, make in every.items() if name in options.subjects and (name in scenario.subjects or name == "fairlead-aot") or name == "fairlead-one" and "fairlead" in options.subjects]
    return [subject for subject in chosen if subject]


def one_worker(scenario, options):
    """The sidecar as in every other scenario, beside itself with more workers."""
    subject = sidecar.fairlead(options.out, options.proxy, options.bootstrap, dataclasses.replace(scenario, workers=1), name="fairlead-one", shift=200)
    subject.workers = 1
    return subject


def in_pod(subject, pod):
    """Its client runs in the pod's namespace and calls the server's address; the sidecar itself runs there as its own user."""
    subject.inside, subject.address = pod.inside(pod.pod, []), capture.SERVER
    if subject.command:
        # The files of the results folder are root's: the sidecar's user must reach its bootstrap and write its log.
        subject.command = f"ip netns exec {pod.pod} setpriv --reuid {capture.PROXY_UID} --regid {capture.PROXY_UID} --clear-groups {subject.command}"
    return subject


def start_ads(options):
    """None where node or the genuine xDS client's files are missing: ./fairlead bench installs both."""
    server = subprocess.Popen(["taskset", "-c", subjects.LOAD_CPU, "node", os.path.join(subjects.HERE, "ads.mjs"), str(sidecar.ADS_PORT), str(sidecar.PUSHED_ENDPOINTS),
                               sidecar.CLUSTER, str(subjects.UPSTREAM_PORT)],
                              stdout=open(os.path.join(options.out, "ads.out"), "w"), stderr=subprocess.STDOUT)
    subjects.wait_port("ads", sidecar.ADS_PORT, server)
    return server


def added_headers(options, scenario):
    """Once a run: what the sidecar adds to each request, which its peers are told to add too."""
    if options.added is None:
        plain = dataclasses.replace(scenario, special="", kind="wrk", workers=1)
        found = sidecar.added_headers(options.out, options.proxy, options.bootstrap, plain, load.HEADERS)
        options.added = {name: value for name, value in found.items() if name not in GONE} | {"x-forwarded-proto": "http"}
    return options.added


def with_subjects(scenario, options, action):
    """Runs the action on the running subjects and stops what was started, whatever happens."""
    work = Work.of(scenario, {} if options.subjects == ["fairlead"] else added_headers(options, scenario))
    with contextlib.ExitStack() as stack:
        pod = stack.enter_context(capture.PodNetwork(options.fairlead)) if scenario.special == "capture" else None
        up = subjects.drip(options.out) if scenario.special == "drip" else subjects.upstream(options.out, capture.SERVER if pod else "127.0.0.1")
        if pod:
            os.chmod(options.out, 0o777)
            up.command = " ".join(pod.inside(pod.world, [up.command]))
        up.start(options.out, subjects.LOAD_CPU)
        stack.callback(up.stop)
        if scenario.special == "pushes":
            stack.callback(start_ads(options).terminate)
        running = make_subjects(scenario, options, work, pod)
        for subject in running:
            subject.start(options.out, "0,1" if (subject.workers or scenario.workers) > 1 else subjects.PROXY_CPU)
            stack.callback(subject.stop)
        if pod:
            time.sleep(1)
            running = [Captured(subject, pod) for subject in running]
        for subject in running:
            check_answer(scenario, subject)
        if scenario.kind not in ("idle", "start"):
            for subject in running:
                run_load(scenario, subject, options.warm)
            # nginx writes its log at most a second late: the first round must not find lines of the warm-up.
            time.sleep(1.2)
        answer = action(running)
        for subject in running:
            check_answer(scenario, subject)
        return answer


class Captured:
    """A subject of the pod: capture is on while it is the sidecar's turn, and off for the direct calls."""

    def __init__(self, subject, pod):
        self.subject, self.pod = subject, pod

    def __getattr__(self, name):
        return getattr(self.subject, name)

    @property
    def inside(self):
        self.pod.release()
        if self.subject.name == "fairlead":
            self.pod.capture()
        return self.subject.inside


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
