"""What is measured: each scenario is a load on one path. `bars` are ratios of the sidecar's figure to a peer's that must hold."""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scenario:
    name: str
    what: str
    kind: str = "wrk"            # wrk | rate | idle | tcp
    connections: int = 64
    page: str = "2k"
    upload_bytes: int = 0
    close: bool = False
    rate: int = 0
    workers: int = 1
    # (figure, peer, at most): figure is us (CPU per request), p50, p99 or gib_us (CPU per GiB).
    bars: tuple = field(default=())


ALL = [
    Scenario("keepalive-64", "HTTP/1.1 keep-alive, 64 connections, 2.4 KiB answers",
             bars=(("us", "nginx", 0.85), ("us", "haproxy-nolog", 0.9), ("us", "relay", 1.25), ("p50", "best", 1.1), ("p99", "best", 1.1))),
    Scenario("keepalive-64-100b", "the same, 100-byte answers", page="100b"),
    Scenario("keepalive-64-64k", "the same, 64 KiB answers", page="64k"),
    Scenario("download-10m", "16 connections, 10 MiB answers", page="10m", connections=16, bars=(("us", "haproxy-nolog", 1.0),)),
    Scenario("upload-64k", "16 connections, 64 KiB uploads", upload_bytes=64 << 10, connections=16),
    Scenario("upload-10m", "4 connections, 10 MiB uploads", upload_bytes=10 << 20, connections=4),
    Scenario("latency-1", "one connection", connections=1),
    Scenario("rate-1000", "fixed 1,000 requests/s, open loop", kind="rate", rate=1000, bars=(("us", "best", 1.0),)),
    Scenario("connection-per-request", "a connection for each request, 16 at a time", connections=16, close=True),
    Scenario("idle-9800", "memory per idle keep-alive connection, 9,800 of them", kind="idle", connections=9800),
    Scenario("tcp-10m", "TCP proxy, 16 connections, 10 MiB answers", kind="tcp", page="10m", connections=16),
    Scenario("workers-2", "keepalive-64 with two workers on both CPUs", workers=2),
]


def named(names):
    known = {scenario.name: scenario for scenario in ALL}
    wrong = [name for name in names if name not in known]
    if wrong:
        raise SystemExit(f"error: unknown scenario {', '.join(wrong)}; there are: {', '.join(known)}")
    return [known[name] for name in names]
