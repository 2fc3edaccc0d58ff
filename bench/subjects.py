"""The peers that are measured, and the upstream behind them, each with the same work: route by host among 201 names, add the
same request headers, keep upstream connections, and log the same fields to a file."""
import os
import shlex
import socket
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
UPSTREAM_PORT = 19000
SIZES = {"100b": 100, "2k": 2381, "64k": 64 << 10, "10m": 10 << 20, "drip": 64 * 128}
PROXY_CPU, LOAD_CPU = "0", "1"


class Subject:
    """A process under test: NAME, the port it listens on, its command, and its access log (None where it writes none)."""

    def __init__(self, name, port, command, log=None, env=None, address="127.0.0.1"):
        self.name, self.port, self.command, self.log, self.env, self.address = name, port, command, log, env or {}, address
        self.process = None
        self.admin_port = None
        self.workers = None  # None = as many as the scenario has

    def start(self, directory, cpu=PROXY_CPU):
        if not self.command:
            return
        self.launch(directory, cpu)
        if self.address == "127.0.0.1":
            wait_port(self.name, self.port, self.process)

    def launch(self, directory, cpu):
        """Starts the process and waits for nothing."""
        output = open(os.path.join(directory, self.name + ".out"), "w")
        self.process = subprocess.Popen(["taskset", "-c", cpu, *shlex.split(self.command)], stdout=output, stderr=subprocess.STDOUT,
                                        env={**os.environ, **self.env})

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


def certificate(directory):
    if not os.path.exists(f"{directory}/tls.crt"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=svc.example",
                        "-keyout", f"{directory}/tls.key", "-out", f"{directory}/tls.crt"], check=True, capture_output=True)


def upstream(directory, address="127.0.0.1"):
    certificate(directory)
    os.makedirs(f"{directory}/www", exist_ok=True)
    for name, size in SIZES.items():
        with open(f"{directory}/www/{name}", "wb") as page:
            page.write(body(size))
    with open(f"{directory}/upstream.conf", "w") as conf:
        conf.write(nginx_common(directory, "upstream") +
                   "http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; keepalive_timeout 3600s;\n"
                   " open_file_cache max=100 inactive=600s; client_max_body_size 0; default_type text/html; etag off;\n"
                   f" ssl_certificate {directory}/tls.crt; ssl_certificate_key {directory}/tls.key;\n"
                   f" server {{ listen {address}:{UPSTREAM_PORT} backlog=4096; listen {address}:19443 ssl backlog=4096; root {directory}/www;\n"
                   "  location = /upload { return 200 \"ok\"; } } }\n")
    return Subject("upstream", UPSTREAM_PORT, f"nginx -c {directory}/upstream.conf -p {directory}", address=address)


def drip(directory):
    """An upstream that answers in many small writes, and reads a request's body to its end before it answers (nginx's return does not)."""
    binary = f"{directory}/drip"
    subprocess.run(["gcc", "-O2", "-w", "-o", binary, os.path.join(HERE, "drip.c")], check=True)
    return Subject("drip", UPSTREAM_PORT, f"{binary} {UPSTREAM_PORT} {SIZES['drip']}")


LOG_FIELDS = ("'[$time_iso8601] \"$request_method $request_uri $server_protocol\" $status - via_upstream - \"-\" $request_length "
              "$body_bytes_sent $request_time $upstream_response_time \"$http_x_forwarded_for\" \"$http_user_agent\" \"$request_id\" "
              "\"$host\" \"$upstream_addr\" outbound|80||svc $upstream_status $server_addr:$server_port $remote_addr:$remote_port - default'")


JSON_LOG_FIELDS = ("'{\"start_time\":\"$time_iso8601\",\"method\":\"$request_method\",\"path\":\"$request_uri\",\"protocol\":\"$server_protocol\","
                   "\"response_code\":$status,\"response_flags\":\"-\",\"bytes_received\":$request_length,\"bytes_sent\":$body_bytes_sent,"
                   "\"duration\":$request_time,\"x_forwarded_for\":\"$http_x_forwarded_for\",\"user_agent\":\"$http_user_agent\","
                   "\"request_id\":\"$request_id\",\"authority\":\"$host\",\"upstream_host\":\"$upstream_addr\","
                   "\"upstream_cluster\":\"outbound|80||svc\",\"route_name\":\"default\"}'")


def nginx(directory, scenario, work):
    """`work`: the headers to add and, for `features`, the edits (rig.Work)."""
    access = f"{directory}/nginx.access"
    prefixes = "".join(f" location /r{number}/ {{ return 404; }}" for number in range(work.routes - 1))
    others = "".join(f" server {{ listen 127.0.0.1:18002; server_name svc{number}.example;{prefixes} location / {{ return 404; }} }}\n"
                     for number in range(work.hosts)) if work.routes > 1 else (
        " server { listen 127.0.0.1:18002; server_name " + " ".join(f"svc{number}.example" for number in range(work.hosts)) + "; return 404; }\n")
    # A request id is a fresh number each time with every subject; what else is added is the sidecar's, byte for byte.
    fixed = {**{name: value for name, value in work.added.items() if name != "x-request-id"}, **work.request_added}
    headers = "".join(f' proxy_set_header {name} "{value}";' for name, value in fixed.items())
    headers += "".join(f' proxy_set_header {name} "";' for name in work.request_removed)
    answers = "".join(f' add_header {name} "{value}";' for name, value in work.response_added.items())
    log = f"escape=json {JSON_LOG_FIELDS}" if work.json_log else LOG_FIELDS
    retry = " proxy_next_upstream error timeout http_502 http_503 http_504; proxy_next_upstream_tries 3;" if work.json_log else ""
    with open(f"{directory}/nginx.conf", "w") as conf:
        conf.write(nginx_common(directory, "nginx", scenario.workers) +
                   "http { server_names_hash_max_size 8192; server_names_hash_bucket_size 128; keepalive_requests 100000000; keepalive_timeout 3600s;"
                   f" client_max_body_size 0;\n proxy_request_buffering off; proxy_max_temp_file_size 0; log_format envoy {log};\n access_log {access} envoy buffer=64k flush=1s;\n"
                   f" upstream up {{ server 127.0.0.1:{UPSTREAM_PORT}; keepalive 512; keepalive_requests 100000000; keepalive_timeout 3600s; }}\n"
                   f" server {{ listen 127.0.0.1:18002 default_server; server_name _; return 404; }}\n{others}"
                   f" server {{ listen 127.0.0.1:18002; server_name svc.example;{prefixes} location / {{ proxy_pass http://up;{retry}"
                   " proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_set_header Host $host;"
                   f" proxy_set_header x-request-id $request_id;{headers}{answers} add_header x-envoy-upstream-service-time $upstream_response_time; }} }} }}\n")
    return Subject("nginx", 18002, f"nginx -c {directory}/nginx.conf -p {directory}", access)


def haproxy(directory, log, scenario, work):
    name, port = ("haproxy", 18001) if log else ("haproxy-nolog", 18003)
    with open(f"{directory}/{name}.map", "w") as hosts:
        hosts.write("svc.example up\n" + "".join(f"svc{number}.example none\n" for number in range(work.hosts)))
    fixed = {**{name: value for name, value in work.added.items() if name != "x-request-id"}, **work.request_added}
    headers = "".join(f'  http-request set-header {name} "{value}"\n' for name, value in fixed.items())
    headers += "".join(f"  http-request del-header {name}\n" for name in work.request_removed)
    headers += "".join(f'  http-response set-header {name} "{value}"\n' for name, value in work.response_added.items())
    headers += "".join(f"  http-request return status 404 if {{ path_beg /r{number}/ }}\n" for number in range(work.routes - 1))
    json_format = ("{\\\"start_time\\\":\\\"%tr\\\",\\\"method\\\":\\\"%HM\\\",\\\"path\\\":\\\"%HU\\\",\\\"protocol\\\":\\\"%HV\\\",\\\"response_code\\\":%ST,"
                   "\\\"response_flags\\\":\\\"-\\\",\\\"bytes_received\\\":%U,\\\"bytes_sent\\\":%B,\\\"duration\\\":%Ta,\\\"user_agent\\\":\\\"%[var(txn.ua)]\\\","
                   "\\\"request_id\\\":\\\"%[var(txn.rid)]\\\",\\\"authority\\\":\\\"%[var(txn.host)]\\\",\\\"upstream_host\\\":\\\"%si:%sp\\\"}")
    text_format = ("[%tr] \\\"%HM %HU %HV\\\" %ST - via_upstream %ts \\\"-\\\" %U %B %Ta %Tr \\\"%[var(txn.ua)]\\\" "
                   "\\\"%[var(txn.rid)]\\\" \\\"%[var(txn.host)]\\\" \\\"%si:%sp\\\" %b/%s %bi:%bp %fi:%fp %ci:%cp - default")
    with open(f"{directory}/{name}.cfg", "w") as conf:
        conf.write(f"global\n  nbthread {scenario.workers}\n  maxconn 9900\n" + ("  log stdout format raw local0\n" if log else "") +
                   "defaults\n  mode http\n" + ("  log global\n" if log else "") + ("  retries 2\n  retry-on conn-failure 503\n" if work.json_log else "") +
                   "  timeout connect 5s\n  timeout client 3600s\n  timeout server 3600s\n  http-reuse always\n"
                   f"frontend f\n  bind 127.0.0.1:{port} backlog 4096\n" +
                   (f'  log-format "{json_format if work.json_log else text_format}"\n'
                    "  http-request set-var(txn.ua) req.hdr(user-agent)\n  http-request set-var(txn.host) req.hdr(host)\n" if log else "") +
                   f"  http-request set-var(txn.rid) uuid()\n  http-request set-header x-request-id %[var(txn.rid)]\n{headers}"
                   "  http-response set-header x-envoy-upstream-service-time 0\n"
                   f"  use_backend %[req.hdr(host),lower,map({directory}/{name}.map,none)]\n"
                   f"backend none\n  http-request return status 404\nbackend up\n  server s1 127.0.0.1:{UPSTREAM_PORT} pool-max-conn -1 maxconn 9000\n")
    return Subject(name, port, f"haproxy -f {directory}/{name}.cfg", f"{directory}/{name}.out" if log else None)


def haproxy_tcp(directory, tls):
    """TLS is passed through by its server name, as the sidecar does it."""
    inspect = ("  tcp-request inspect-delay 5s\n  tcp-request content accept if { req.ssl_hello_type 1 }\n"
               "  use_backend up if { req.ssl_sni -i svc.example }\n") if tls else "  default_backend up\n"
    port = 19443 if tls else UPSTREAM_PORT
    with open(f"{directory}/haproxy-tcp.cfg", "w") as conf:
        conf.write("global\n  nbthread 1\n  maxconn 4000\ndefaults\n  mode tcp\n  option splice-auto\n  timeout connect 5s\n"
                   f"  timeout client 3600s\n  timeout server 3600s\nfrontend f\n  bind 127.0.0.1:18011 backlog 4096\n{inspect}"
                   f"backend up\n  server s1 127.0.0.1:{port}\n")
    return Subject("haproxy-nolog", 18011, f"haproxy -f {directory}/haproxy-tcp.cfg")


def nginx_tcp(directory, tls):
    """None where nginx was built without its stream module."""
    modules = "/usr/lib/nginx/modules/ngx_stream_module.so"
    if not os.path.exists(modules):
        return None
    port = 19443 if tls else UPSTREAM_PORT
    target = f"map $ssl_preread_server_name $up {{ svc.example 127.0.0.1:{port}; }}" if tls else ""
    with open(f"{directory}/nginx-tcp.conf", "w") as conf:
        conf.write(f"load_module {modules};\n" + nginx_common(directory, "nginx-tcp") + f"stream {{ {target}\n server {{ listen 127.0.0.1:18012 backlog=4096;"
                   + (" ssl_preread on; proxy_pass $up;" if tls else f" proxy_pass 127.0.0.1:{port};") + " } }\n")
    return Subject("nginx", 18012, f"nginx -c {directory}/nginx-tcp.conf -p {directory}")


def relay(directory, port=UPSTREAM_PORT):
    binary = f"{directory}/relay"
    subprocess.run(["gcc", "-O2", "-w", "-o", binary, os.path.join(HERE, "relay.c")], check=True)
    return Subject("relay", 18004, f"{binary} 18004 {port}")
