"""The proxies that are measured, and the upstream behind them, each with the same work: route by host among 201 names, add the
same request headers, keep upstream connections, and log the same fields to a file."""
import os
import shlex
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
UPSTREAM_PORT = 19000
SIZES = {"100b": 100, "2k": 2381, "64k": 64 << 10, "10m": 10 << 20}
PROXY_CPU, LOAD_CPU = "0", "1"


class Subject:
    """A process under test: NAME, the port it listens on, its command, and its access log (None where it writes none)."""

    def __init__(self, name, port, command, log=None, env=None):
        self.name, self.port, self.command, self.log, self.env = name, port, command, log, env or {}
        self.process = None

    def start(self, directory, cpu=PROXY_CPU):
        if not self.command:
            return
        output = open(os.path.join(directory, self.name + ".out"), "w")
        self.process = subprocess.Popen(["taskset", "-c", cpu, *shlex.split(self.command)], stdout=output, stderr=subprocess.STDOUT,
                                        env={**os.environ, **self.env})
        wait_port(self.name, self.port, self.process)

    @property
    def pid(self):
        return self.process.pid if self.process else None

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def wait_port(name, port, process, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"{name} exited with {process.returncode}; its output is {name}.out in the results folder")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{name}: nothing listens on port {port} after {seconds} s")


def body(size):
    """Bodies are a pattern, so that a byte out of place shows."""
    line = bytes(range(32, 127))
    return (line * (size // len(line) + 1))[:size]


def nginx_common(directory, name, workers=1):
    master = "master_process off;" if workers == 1 else "master_process on;"
    return (f"daemon off; user root; {master} worker_processes {workers}; pid {directory}/{name}.pid; error_log {directory}/{name}.err;\n"
            "worker_rlimit_nofile 20000; events { worker_connections 15000; }\n")


def upstream(directory):
    os.makedirs(f"{directory}/www", exist_ok=True)
    for name, size in SIZES.items():
        with open(f"{directory}/www/{name}", "wb") as page:
            page.write(body(size))
    with open(f"{directory}/upstream.conf", "w") as conf:
        conf.write(nginx_common(directory, "upstream") +
                   "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 3600s;\n"
                   " open_file_cache max=100 inactive=600s; client_max_body_size 0; default_type text/html; etag off;\n"
                   f" server {{ listen 127.0.0.1:{UPSTREAM_PORT} backlog=4096; root {directory}/www;\n"
                   "  location = /upload { return 200 \"ok\"; } } }\n")
    return Subject("upstream", UPSTREAM_PORT, f"nginx -c {directory}/upstream.conf -p {directory}")


LOG_FIELDS = ("'[$time_iso8601] \"$request_method $request_uri $server_protocol\" $status - via_upstream - \"-\" $request_length "
              "$body_bytes_sent $request_time $upstream_response_time \"$http_x_forwarded_for\" \"$http_user_agent\" \"$request_id\" "
              "\"$host\" \"$upstream_addr\" outbound|80||svc $upstream_status $server_addr:$server_port $remote_addr:$remote_port - default'")


def nginx(directory, workers):
    access = f"{directory}/nginx.access"
    others = " ".join(f"svc{number}.example" for number in range(200))
    with open(f"{directory}/nginx.conf", "w") as conf:
        conf.write(nginx_common(directory, "nginx", workers) +
                   "http { server_names_hash_max_size 4096; keepalive_requests 100000000; keepalive_timeout 3600s; client_max_body_size 0;\n"
                   f" proxy_request_buffering off; log_format envoy {LOG_FIELDS};\n access_log {access} envoy buffer=64k flush=1s;\n"
                   f" upstream up {{ server 127.0.0.1:{UPSTREAM_PORT}; keepalive 512; keepalive_requests 100000000; keepalive_timeout 3600s; }}\n"
                   f" server {{ listen 127.0.0.1:18002 default_server; server_name {others}; return 404; }}\n"
                   " server { listen 127.0.0.1:18002; server_name svc.example; location / { proxy_pass http://up;"
                   " proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $host;"
                   " proxy_set_header x-request-id $request_id; proxy_set_header x-envoy-attempt-count 1;"
                   " proxy_set_header x-forwarded-proto http; add_header x-envoy-upstream-service-time $upstream_response_time; } } }\n")
    return Subject("nginx", 18002, f"nginx -c {directory}/nginx.conf -p {directory}", access)


def haproxy(directory, log, workers):
    name, port = ("haproxy", 18001) if log else ("haproxy-nolog", 18003)
    with open(f"{directory}/{name}.cfg", "w") as conf:
        conf.write(f"global\n  nbthread {workers}\n  maxconn 9900\n" + ("  log stdout format raw local0\n" if log else "") +
                   "defaults\n  mode http\n" + ("  log global\n" if log else "") +
                   "  timeout connect 5s\n  timeout client 3600s\n  timeout server 3600s\n  http-reuse always\n"
                   f"frontend f\n  bind 127.0.0.1:{port} backlog 4096\n" +
                   ("  log-format \"[%tr] \\\"%HM %HU %HV\\\" %ST - via_upstream %ts \\\"-\\\" %U %B %Ta %Tr \\\"%[var(txn.ua)]\\\" "
                    "\\\"%[var(txn.rid)]\\\" \\\"%[var(txn.host)]\\\" \\\"%si:%sp\\\" %b/%s %bi:%bp %fi:%fp %ci:%cp - default\"\n"
                    "  http-request set-var(txn.ua) req.hdr(user-agent)\n  http-request set-var(txn.host) req.hdr(host)\n" if log else "") +
                   "  http-request set-var(txn.rid) uuid()\n  http-request set-header x-request-id %[var(txn.rid)]\n"
                   "  http-request set-header x-envoy-attempt-count 1\n  http-request set-header x-forwarded-proto http\n"
                   "  http-response set-header x-envoy-upstream-service-time 0\n  use_backend up if { hdr(host) -i svc.example }\n"
                   f"backend up\n  server s1 127.0.0.1:{UPSTREAM_PORT} pool-max-conn -1 maxconn 9000\n")
    return Subject(name, port, f"haproxy -f {directory}/{name}.cfg", f"{directory}/{name}.out" if log else None)


def haproxy_tcp(directory):
    with open(f"{directory}/haproxy-tcp.cfg", "w") as conf:
        conf.write("global\n  nbthread 1\n  maxconn 9900\ndefaults\n  mode tcp\n  option splice-auto\n  timeout connect 5s\n"
                   "  timeout client 3600s\n  timeout server 3600s\nfrontend f\n  bind 127.0.0.1:18011 backlog 4096\n"
                   f"  default_backend up\nbackend up\n  server s1 127.0.0.1:{UPSTREAM_PORT}\n")
    return Subject("haproxy-tcp", 18011, f"haproxy -f {directory}/haproxy-tcp.cfg")


def relay(directory):
    binary = f"{directory}/relay"
    subprocess.run(["gcc", "-O2", "-w", "-o", binary, os.path.join(HERE, "relay.c")], check=True)
    return Subject("relay", 18004, f"{binary} 18004 {UPSTREAM_PORT}")


def fairlead(directory, binary, bootstrap, workers):
    """The shipped proxy; the bootstrap is a template with {port}, {tcp_port}, {upstream_port}, {log} and {admin_port}."""
    log, config = f"{directory}/fairlead.access", f"{directory}/fairlead.yaml"
    others = "\n".join(f'            - {{name: "svc{number}.example:80", domains: [svc{number}.example], routes: '
                       '[{name: default, match: {prefix: "/"}, directResponse: {status: 404}}]}' for number in range(200))
    with open(bootstrap) as template, open(config, "w") as rendered:
        text = template.read()
        for key, value in {"port": 18005, "tcp_port": 18015, "upstream_port": UPSTREAM_PORT, "log": log, "admin_port": 18095,
                           "other_virtual_hosts": others}.items():
            text = text.replace("{" + key + "}", str(value))
        rendered.write(text)
    environment = {"DOTNET_PROCESSOR_COUNT": "1"} if workers == 1 else {}
    return Subject("fairlead", 18005, f"{binary} -c {config} --concurrency {workers}", log, environment)
