"""The sidecar as a subject: its bootstrap by scenario, and what it adds to a request, so that its peers can be made to add the same."""
import json
import os
import socket
import subprocess
import threading

from subjects import SIZES, UPSTREAM_PORT, Subject

PORT, TCP_PORT, TLS_PORT, ADMIN_PORT, TLS_UPSTREAM_PORT, ADS_PORT = 18005, 18015, 18016, 18095, 19443, 18096
OTHER_HOSTS = 200          # virtual hosts beside the one that is called
MANY_HOSTS, ROUTES_EACH = 1000, 10
PUSHED_ENDPOINTS = 10_000
CLUSTER = "outbound|80||svc.example"
RETRY_ON = "connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes"
# The edits of the scenario `features`, in order: what every subject does to requests and responses.
REQUEST_ADDED = {"x-team": "shop", "x-canary": "false", "x-region": "eu-1"}
REQUEST_REMOVED = "x-b3-traceid"
RESPONSE_ADDED = {"x-served-by": "mesh", "cache-control": "no-store"}
TEXT_FORMAT = ('[%START_TIME%] \\"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\\" %RESPONSE_CODE% %RESPONSE_FLAGS% '
               '%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% \\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\\" %BYTES_RECEIVED% %BYTES_SENT% '
               '%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \\"%REQ(X-FORWARDED-FOR)%\\" \\"%REQ(USER-AGENT)%\\" \\"%REQ(X-REQUEST-ID)%\\" '
               '\\"%REQ(:AUTHORITY)%\\" \\"%UPSTREAM_HOST%\\" %UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% '
               '%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\\n')
JSON_FIELDS = {"start_time": "%START_TIME%", "method": "%REQ(:METHOD)%", "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%", "protocol": "%PROTOCOL%",
               "response_code": "%RESPONSE_CODE%", "response_flags": "%RESPONSE_FLAGS%", "bytes_received": "%BYTES_RECEIVED%",
               "bytes_sent": "%BYTES_SENT%", "duration": "%DURATION%", "x_forwarded_for": "%REQ(X-FORWARDED-FOR)%",
               "user_agent": "%REQ(USER-AGENT)%", "request_id": "%REQ(X-REQUEST-ID)%", "authority": "%REQ(:AUTHORITY)%",
               "upstream_host": "%UPSTREAM_HOST%", "upstream_cluster": "%UPSTREAM_CLUSTER%", "route_name": "%ROUTE_NAME%"}


def virtual_host(number, routes):
    found = [f'{{name: r{route}, match: {{prefix: "/r{route}/"}}, directResponse: {{status: 404}}}}' for route in range(routes - 1)]
    found.append('{name: default, match: {prefix: "/"}, directResponse: {status: 404}}')
    return f'            - {{name: "svc{number}.example:80", domains: [svc{number}.example], routes: [{", ".join(found)}]}}'


def added(edits, name):
    entries = ", ".join(f'{{header: {{key: {key}, value: "{value}"}}, appendAction: OVERWRITE_IF_EXISTS_OR_ADD}}' for key, value in edits.items())
    return f"              {name}: [{entries}]"


def header_edits():
    return "\n".join([added(REQUEST_ADDED, "requestHeadersToAdd"), f"              requestHeadersToRemove: [{REQUEST_REMOVED}]",
                      added(RESPONSE_ADDED, "responseHeadersToAdd")])


def endpoints(scenario, address):
    """Where the cluster that carries the traffic has its endpoints from: here, or pushed over ADS while the load goes on."""
    if scenario.special == "pushes":
        # One of them answers, the others are unhealthy: without a threshold of 0 that is a panic, in which all are tried.
        return "type: EDS\n    edsClusterConfig: {edsConfig: {ads: {}, resourceApiVersion: V3}}\n    commonLbConfig: {healthyPanicThreshold: {}}"
    return (f"type: STATIC\n    loadAssignment: {{clusterName: {CLUSTER}, endpoints: [{{lbEndpoints: [{{endpoint: "
            f"{{address: {{socketAddress: {{address: {address}, portValue: {UPSTREAM_PORT}}}}}}}}}]}}]}}")


def control_cluster():
    return ("  - name: xds\n    type: STATIC\n    typedExtensionProtocolOptions:\n      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:\n"
            '        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions\n'
            "        explicitHttpConfig: {http2ProtocolOptions: {}}\n    loadAssignment: {clusterName: xds, endpoints: [{lbEndpoints: [{endpoint: "
            f"{{address: {{socketAddress: {{address: 127.0.0.1, portValue: {ADS_PORT}}}}}}}}}]}}]}}")


def render(directory, bootstrap, scenario, place, name, shift):
    """Writes the bootstrap of a scenario; `place` names addresses that differ in a network namespace."""
    many = scenario.special == "routes"
    features = scenario.special == "features"
    values = {
        "port": place.get("port", PORT + shift), "tcp_port": TCP_PORT + shift, "tls_port": TLS_PORT + shift, "admin_port": ADMIN_PORT + shift,
        "tls_upstream_port": TLS_UPSTREAM_PORT, "log": access_log(directory, place, name), "listen_address": place.get("address", "127.0.0.1"),
        "bind": place.get("bind", "true"), "cluster": CLUSTER,
        "endpoints": endpoints(scenario, place.get("upstream", "127.0.0.1")),
        "virtual_listener": place.get("virtual_listener", ""), "header_edits": header_edits() if features else "",
        "retry_on": RETRY_ON + ",5xx,reset" if features else RETRY_ON,
        "log_format": (" " * 16 + f"jsonFormat: {json.dumps(JSON_FIELDS)}") if features else
                      f'{" " * 16}textFormatSource:\n{" " * 18}inlineString: "{TEXT_FORMAT}"',
        "other_routes": "\n".join(f'              - {{name: r{n}, match: {{prefix: "/r{n}/"}}, directResponse: {{status: 404}}}}'
                                  for n in range(ROUTES_EACH - 1)) if many else "",
        "other_virtual_hosts": "\n".join(virtual_host(n, ROUTES_EACH if many else 1) for n in range(MANY_HOSTS if many else OTHER_HOSTS)),
        "more_clusters": control_cluster() if scenario.special == "pushes" else "",
        "dynamic_resources": "dynamicResources: {adsConfig: {apiType: GRPC, transportApiVersion: V3, grpcServices: [{envoyGrpc: {clusterName: xds}}]}}"
                             if scenario.special == "pushes" else "",
    }
    with open(bootstrap) as template, open(f"{directory}/{name}.yaml", "w") as rendered:
        text = template.read()
        for key, value in values.items():
            text = text.replace("{" + key + "}", str(value))
        rendered.write(text)
    return f"{directory}/{name}.yaml"


def access_log(directory, place, name):
    """In a pod the sidecar is another user, who cannot write to root's file."""
    return f"{directory}/{name}-pod.access" if place else f"{directory}/{name}.access"


def fairlead(directory, binary, bootstrap, scenario, place=None, name="fairlead", shift=0):
    """The shipped proxy, or another build of it: `shift` moves its ports. `place` moves it into a network namespace (capture.py)."""
    place = place or {}
    config = render(directory, bootstrap, scenario, place, name, shift)
    environment = {"DOTNET_PROCESSOR_COUNT": "1"} if scenario.workers == 1 else {}
    port = {"tcp": TCP_PORT + shift, "tls": TLS_PORT + shift}.get(scenario.kind, place.get("port", PORT + shift))
    log = None if scenario.kind in ("tcp", "tls") else access_log(directory, place, name)
    subject = Subject(name, port, f"{binary} -c {config} --concurrency {scenario.workers} --drain-time-s 1", log, environment)
    subject.admin_port = ADMIN_PORT + shift
    return subject


def added_headers(directory, binary, bootstrap, scenario, headers):
    """The request headers that the sidecar adds, as an upstream sees them: {name: value}."""
    received = {}

    def serve(listener):
        connection, _ = listener.accept()
        data = b""
        while b"\r\n\r\n" not in data:
            data += connection.recv(65536)
        for line in data.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            received[name.lower()] = value
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        connection.close()

    with socket.create_server(("127.0.0.1", UPSTREAM_PORT)) as listener:
        answering = threading.Thread(target=serve, args=(listener,), daemon=True)
        answering.start()
        subject = fairlead(directory, binary, bootstrap, scenario)
        subject.start(directory)
        try:
            with socket.create_connection(("127.0.0.1", subject.port), 10) as client:
                client.sendall(("GET / HTTP/1.1\r\n" + "\r\n".join(headers) + "\r\n\r\n").encode())
                client.recv(65536)
            answering.join(10)
        finally:
            subject.stop()
    if not received:
        raise SystemExit("the sidecar passed no request on; its output is fairlead.out in the results folder")
    sent = {line.split(":", 1)[0].lower() for line in headers}
    return {name: value for name, value in received.items() if name and name not in sent and name not in ("host", "connection")}
