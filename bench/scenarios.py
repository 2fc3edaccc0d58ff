"""What is measured: each scenario is a load on one path. `bars` are what must hold of the sidecar's figures."""
from dataclasses import dataclass, field

HTTP_SUBJECTS = ("direct", "relay", "nginx", "haproxy-nolog", "haproxy", "fairlead")
# The relay has no back-pressure, so bodies beyond a socket's buffer are not for it; the rest leave out what says nothing there.
BULK_SUBJECTS = ("direct", "nginx", "haproxy-nolog", "haproxy", "fairlead")
PROXIES = ("nginx", "haproxy-nolog", "haproxy", "fairlead")


@dataclass(frozen=True)
class Scenario:
    name: str
    what: str
    kind: str = "wrk"            # wrk | rate | idle | slow | tcp | tls | start
    connections: int = 64
    page: str = "2k"
    upload_bytes: int = 0
    close: bool = False
    rate: int = 0
    workers: int = 1
    special: str = ""            # routes | features | pushes | capture | drip
    subjects: tuple = HTTP_SUBJECTS
    # (figure, peer, at most): figure is us (CPU per request), p50, p99, rss (MiB) or core (percent of one core), ready (ms). The peer is a
    # subject, "best" or "worst" of nginx and haproxy without log, or "" where the limit is absolute.
    bars: tuple = field(default=(("us", "worst", 1.0),))


ALL = [
    Scenario("keepalive-64", "HTTP/1.1 keep-alive, 64 connections, 2.4 KiB answers",
             bars=(("us", "nginx", 0.85), ("us", "haproxy-nolog", 0.9), ("us", "relay", 1.25), ("p50", "best", 1.1), ("p99", "best", 1.1), ("rss", "", 55))),
    Scenario("keepalive-64-100b", "the same, 100-byte answers", page="100b"),
    Scenario("keepalive-64-64k", "the same, 64 KiB answers", page="64k", subjects=BULK_SUBJECTS),
    Scenario("download-10m", "16 connections, 10 MiB answers", page="10m", connections=16, subjects=BULK_SUBJECTS, bars=(("us", "haproxy-nolog", 1.0), ("us", "worst", 1.0))),
    Scenario("upload-64k", "16 connections, 64 KiB uploads", upload_bytes=64 << 10, connections=16, page="drip", special="drip", subjects=BULK_SUBJECTS),
    Scenario("upload-10m", "4 connections, 10 MiB uploads", upload_bytes=10 << 20, connections=4, page="drip", special="drip", subjects=BULK_SUBJECTS),
    Scenario("latency-1", "one connection", connections=1),
    Scenario("rate-1000", "fixed 1,000 requests/s, open loop", kind="rate", rate=1000, bars=(("us", "best", 1.0), ("core", "", 8), ("rss", "", 55))),
    Scenario("connection-per-request", "a connection for each request, 16 at a time", connections=16, close=True),
    Scenario("idle-9800", "memory per idle keep-alive connection, 9,800 of them", kind="idle", connections=9800, subjects=PROXIES, bars=()),
    Scenario("routes-10000", "keepalive-64 with 1,000 virtual hosts of 10 routes each", special="routes", subjects=PROXIES),
    Scenario("features", "keepalive-64 with retries, six header edits and a JSON log", special="features", subjects=PROXIES),
    Scenario("pushes", "keepalive-64 while 10,000 endpoints a second are pushed over ADS to the cluster that serves it", special="pushes", subjects=("nginx", "haproxy-nolog", "fairlead")),
    Scenario("small-writes", "16 connections, answers that come in 64 small writes", page="drip", special="drip", connections=16),
    Scenario("slow-clients", "keepalive-64 beside 200 clients that read 10 MiB at 160 KiB/s", kind="slow", subjects=PROXIES),
    Scenario("capture", "keepalive-64 in a network namespace whose traffic is captured (REDIRECT), beside the namespace without", special="capture",
             subjects=("direct", "fairlead"), bars=()),
    Scenario("tcp-10m", "TCP proxy, 16 connections, 10 MiB answers", kind="tcp", page="10m", connections=16, subjects=("nginx", "haproxy-nolog", "fairlead"),
             bars=(("us", "haproxy-nolog", 1.0),)),
    Scenario("tls-10m", "TLS passed through by server name, 8 connections, 10 MiB answers", kind="tls", page="10m", connections=8,
             subjects=("nginx", "haproxy-nolog", "fairlead"), bars=(("us", "haproxy-nolog", 1.0),)),
    Scenario("workers-2", "keepalive-64 with two workers on both CPUs, beside the sidecar with one", workers=2, subjects=(*PROXIES, "fairlead-one"),
             bars=(("us", "worst", 1.0), ("us", "fairlead-one", 1.15))),
    Scenario("start", "from a process's start to its first answer to a client, and of the sidecar to 200 of /ready, too", kind="start", page="100b", subjects=PROXIES,
             bars=(("ready", "", 150),)),
]


def named(names):
    known = {scenario.name: scenario for scenario in ALL}
    wrong = [name for name in names if name not in known]
    if wrong:
        raise SystemExit(f"error: unknown scenario {', '.join(wrong)}; there are: {', '.join(known)}")
    return [known[name] for name in names]
