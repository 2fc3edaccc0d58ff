"""The load generators: wrk (closed loop), h2load (fixed rate), and connections that only stay open. All run on the generator's CPU."""
import json
import os
import selectors
import socket
import ssl
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
HOST = "svc.example"
HEADERS = [f"Host: {HOST}", "Accept: */*", "User-Agent: wrk/4.1.0 (bench)", "x-forwarded-for: 10.1.2.3",
           "x-b3-traceid: 463ac35c9f6413ad48485a3953bb6124"]


class LoadFailed(Exception):
    pass


def wrk(port, path, connections, seconds, cpu, upload_bytes=0, close=False, threads=1, address="127.0.0.1", inside=()):
    """`inside`: the words in front of the command that move it into a network namespace."""
    report = os.path.join(HERE, "wrk", "report.lua")
    script = os.path.join(HERE, "wrk", "upload.lua") if upload_bytes else report
    command = ["taskset", "-c", cpu, *inside, "wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", script]
    for header in HEADERS + (["Connection: close"] if close else []):
        command += ["-H", header]
    run = subprocess.run(command + [f"http://{address}:{port}{path}"], capture_output=True, text=True,
                         timeout=seconds + 60, env={**os.environ, "BODY_BYTES": str(upload_bytes), "REPORT_LUA": report})
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise LoadFailed(f"wrk printed no report: {run.stdout[-300:]} {run.stderr[-300:]}")
    result = json.loads(lines[-1])
    result["rps"] = result["requests"] / (result["duration_us"] / 1e6)
    result["errors"] = {key: result.pop(key) for key in ("status", "connect", "read", "write", "timeout")}
    return result


def fixed_rate(port, path, rate, seconds, cpu):
    """h2load at `rate` requests/s over 10 connections, whatever the answers take."""
    clients = 10
    return h2load([f"-c{clients}", f"--rps={rate // clients}", *sum((["-H", header] for header in HEADERS[1:]), []),
                   f"http://127.0.0.1:{port}{path}", "-H", f":authority: {HOST}"], seconds, cpu)


def tls(port, path, connections, seconds, cpu):
    """h2load over TLS with the server's name (wrk sends none to an address), as fast as answers come."""
    return h2load([f"-c{connections}", f"--connect-to=127.0.0.1:{port}", f"https://{HOST}{path}"], seconds, cpu)


def h2load(arguments, seconds, cpu):
    """HTTP/1.1 for some seconds; latencies come from h2load's request log, in µs."""
    with tempfile.NamedTemporaryFile() as log:
        command = ["taskset", "-c", cpu, "h2load", "--h1", "-D", f"{seconds}s", f"--log-file={log.name}", *arguments]
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30)
        with open(log.name) as lines:
            entries = [line.split() for line in lines]
    times = sorted(int(entry[2]) for entry in entries if entry[1] == "200")
    if not times:
        raise LoadFailed(f"h2load got no answer of status 200 among {len(entries)}: {run.stdout[-300:]} {run.stderr[-300:]}")
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))]
    return {"requests": len(entries), "rps": len(entries) / seconds, "bytes": 0, "duration_us": seconds * 1e6,
            "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "p999": at(0.999),
            "errors": {"status": len(entries) - len(times), "connect": 0, "read": 0, "write": 0, "timeout": 0}}


def one_request(port, path, connection=None, tls=False):
    """One GET on a raw socket: (status, headers, body). A wrong Content-Length shows as a short or long body."""
    sock = connection or socket.create_connection(("127.0.0.1", port), 10)
    if tls:
        anyone = ssl.create_default_context()
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE
        sock = anyone.wrap_socket(sock, server_hostname=HOST)
    lines = "\r\n".join(HEADERS)
    sock.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = sock.recv(65536)
        if not chunk:
            raise LoadFailed(f"connection closed before the response head was whole: {data[:200]!r}")
        data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in rest)}
    if "content-length" not in headers:
        raise LoadFailed(f"no content-length in {first}")
    length = int(headers["content-length"])
    while len(body) < length:
        chunk = sock.recv(65536)
        if not chunk:
            break
        body += chunk
    if connection is None:
        sock.close()
    return int(first.split()[1]), headers, body


def wait_for_answer(port, path, seconds=20):
    """Until a GET of a path is answered with 200; asks each millisecond."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if one_request(port, path)[0] == 200:
                return
        except (OSError, LoadFailed):
            pass
        time.sleep(0.001)
    raise LoadFailed(f"no answer to {path} on port {port} after {seconds} s")


def hold_idle(port, path, count):
    """Opens `count` keep-alive connections, one request on each, and returns them open."""
    held = []
    for _ in range(count):
        sock = socket.create_connection(("127.0.0.1", port), 10)
        one_request(port, path, sock)
        held.append(sock)
    return held


class SlowReaders:
    """Clients that ask for a large page and read it a little at a time, until stopped; their own thread's work is on the generator's CPU."""

    def __init__(self, port, path, count, bytes_per_second):
        self.piece, self.pause, self.stopped = 8192, 8192 / bytes_per_second, False
        self.sockets = []
        for _ in range(count):
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
            sock.connect(("127.0.0.1", port))
            sock.sendall((f"GET {path} HTTP/1.1\r\n" + "\r\n".join(HEADERS) + "\r\n\r\n").encode())
            sock.setblocking(False)
            self.sockets.append(sock)

    def run(self):
        with selectors.DefaultSelector() as ready:
            for sock in self.sockets:
                ready.register(sock, selectors.EVENT_READ)
            while not self.stopped:
                for key, _ in ready.select(0):
                    if not key.fileobj.recv(self.piece):
                        ready.unregister(key.fileobj)
                time.sleep(self.pause)

    def close(self):
        self.stopped = True

    def drop(self):
        for sock in self.sockets:
            sock.close()
