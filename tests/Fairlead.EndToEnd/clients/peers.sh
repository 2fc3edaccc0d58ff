#!/usr/bin/env bash
# The published sidecar between curl and servers that nobody here wrote (nginx, httpbin behind gunicorn): peers.sh PROXY CASE
set -u
proxy=$1
here=$(mktemp -d)
trap 'kill -9 $(jobs -p); wait; rm -rf "$here"' EXIT
mkdir -p "$here/site" "$here/tmp"
chmod 755 "$here" # nginx reads as another user
head -c 20000000 /dev/urandom >"$here/site/large"

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$here/key.pem" -out "$here/cert.pem" -days 2 -subj /CN=one.example 2>/dev/null

cat >"$here/nginx.conf" <<END
daemon off; pid $here/nginx.pid; error_log $here/nginx.err; worker_processes 1;
events {}
http {
  access_log off; client_body_temp_path $here/tmp; proxy_temp_path $here/tmp; fastcgi_temp_path $here/tmp; uwsgi_temp_path $here/tmp; scgi_temp_path $here/tmp;
  client_max_body_size 100m; keepalive_timeout 60s;
  map "" \$echo { default "\$server_port \$request_method \$request_uri \$http_host a=\$http_x_a b=\$http_x_b attempt=\$http_x_envoy_attempt_count was=\$http_x_envoy_original_path"; }
  server { listen 127.0.0.1:8081; listen 127.0.0.1:8082; default_type text/plain; root $here/site; location / { return 200 "\$echo\n"; } location /large { try_files /large =404; } }
  server { listen 127.0.0.1:8083; location / { return 503 "8083 says no\n"; } }
  server { listen 127.0.0.1:8084; location /budgeted { if (\$http_x_envoy_attempt_count = 1) { return 503 "not at first\n"; } proxy_pass http://127.0.0.1:8090/delay/2; } }
  ssl_certificate $here/cert.pem; ssl_certificate_key $here/key.pem;
  server { listen 127.0.0.1:8444 ssl; location / { return 200 "TLS one\n"; } }
  server { listen 127.0.0.1:8445 ssl; location / { return 200 "TLS two\n"; } }
}
END

endpoint() { echo "{endpoint: {address: {socketAddress: {address: 127.0.0.1, portValue: $1}}}}"; }
cluster() { # NAME MORE PORT...
  local name=$1 more=$2 list="" port; shift 2
  for port in "$@"; do list="$list${list:+, }$(endpoint "$port")"; done
  echo "  - {name: $name, type: STATIC, connectTimeout: 1s$more, loadAssignment: {clusterName: $name, endpoints: [{lbEndpoints: [$list]}]}}"
}

tcp() { echo "{name: envoy.filters.network.tcp_proxy, typedConfig: {'@type': type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, statPrefix: $1, cluster: $1}}"; }
logger() { # FILE FILTER: a text log of what the filter lets through
  echo "          - {name: envoy.access_loggers.file, filter: $2, typedConfig: {'@type': type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: $1, logFormat: {textFormatSource: {inlineString: \"%REQ(:PATH)% %RESPONSE_CODE%\\n\"}}}}"
}
at_least() { echo "comparison: {op: GE, value: {defaultValue: $1, runtimeKey: none}}"; }
kind='{headerFilter: {header: {name: x-kind, presentMatch: true}}}'

cat >"$here/bootstrap.yaml" <<END
node: {id: "sidecar~127.0.0.1~peers.default~default.svc.cluster.local", cluster: peers}
admin: {address: {socketAddress: {address: 127.0.0.1, portValue: 15000}}}
layeredRuntime: {layers: [{name: static, staticLayer: {envoy.resource_limits.listener.limited.connection_limit: 2}}]}
staticResources:
  listeners:
  - {name: limited, address: {socketAddress: {address: 127.0.0.1, portValue: 8071}}, filterChains: [{filters: [$(tcp a)]}]}
  - name: inspected
    address: {socketAddress: {address: 127.0.0.1, portValue: 8072}}
    listenerFilters:
    - {name: tls, typedConfig: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}
    - {name: http, typedConfig: {"@type": type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector}}
    listenerFiltersTimeout: 0.5s
    continueOnListenerFiltersTimeout: true
    filterChains:
    - {filterChainMatch: {serverNames: [one.example]}, filters: [$(tcp tlsone)]}
    - {filterChainMatch: {serverNames: ["*.example"]}, filters: [$(tcp tlstwo)]}
    - {filterChainMatch: {transportProtocol: tls, applicationProtocols: [x-two]}, filters: [$(tcp tlstwo)]}
    - {filterChainMatch: {applicationProtocols: [http/1.1]}, filters: [$(tcp b)]}
    defaultFilterChain: {filters: [$(tcp greeter)]}
  - name: tcp
    address: {socketAddress: {address: 127.0.0.1, portValue: 8070}}
    filterChains:
    - filters:
      - name: envoy.filters.network.tcp_proxy
        typedConfig:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          statPrefix: tcp
          cluster: a
  - name: http
    address: {socketAddress: {address: 127.0.0.1, portValue: 8080}}
    filterChains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typedConfig:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          statPrefix: http
          normalizePath: true
          upgradeConfigs: [{upgradeType: websocket}]
          accessLog:
          - name: envoy.access_loggers.file
            typedConfig:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
              path: $here/access.log
              logFormat: {textFormatSource: {inlineString: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %BYTES_RECEIVED% %BYTES_SENT% %UPSTREAM_CLUSTER_RAW% %ROUTE_NAME%\n"}}
          - name: envoy.access_loggers.file
            typedConfig:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
              path: $here/json.log
              logFormat: {jsonFormat: {path: "%REQ(:PATH)%", code: "%RESPONSE_CODE%", flags: "%RESPONSE_FLAGS%", agent: "%REQ(X-AGENT)%", mixed: "%PROTOCOL% %BYTES_SENT%", nested: {host: "%UPSTREAM_HOST%", route: "%METADATA(ROUTE:istio)%"}}}
$(logger /dev/stdout "{statusCodeFilter: {$(at_least 500)}}")
$(logger "$here/status" "{statusCodeFilter: {$(at_least 500)}}")
$(logger "$here/duration" "{durationFilter: {$(at_least 500)}}")
$(logger "$here/flag" "{responseFlagFilter: {flags: [UT, UO]}}")
$(logger "$here/header" "$kind")
$(logger "$here/and" "{andFilter: {filters: [$kind, {statusCodeFilter: {$(at_least 500)}}]}}")
$(logger "$here/or" "{orFilter: {filters: [$kind, {statusCodeFilter: {$(at_least 500)}}]}}")
          httpFilters:
          - {name: envoy.filters.http.router, typedConfig: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          routeConfig:
            name: all
            validateClusters: false
            requestHeadersToAdd: [{header: {key: x-b, value: table}, appendAction: ADD_IF_ABSENT}]
            virtualHosts:
            - {name: exact, domains: [www.foo.com], routes: [{match: {prefix: /}, directResponse: {status: 200, body: {inlineString: "exact\n"}}}]}
            - {name: suffix, domains: ["*.foo.com"], routes: [{match: {prefix: /}, directResponse: {status: 200, body: {inlineString: "suffix\n"}}}]}
            - {name: longer, domains: ["*-bar.foo.com"], routes: [{match: {prefix: /}, directResponse: {status: 200, body: {inlineString: "longer suffix\n"}}}]}
            - {name: prefix, domains: ["foo.*"], routes: [{match: {prefix: /}, directResponse: {status: 200, body: {inlineString: "prefix\n"}}}]}
            - name: all
              domains: ["*"]
              includeRequestAttemptCount: true
              routes:
              - {name: exact, match: {path: /exact}, route: {cluster: a}, metadata: {filterMetadata: {istio: {config: /apis/exact}}}}
              - {name: insensitive, match: {path: /Letters, caseSensitive: false}, route: {cluster: a}}
              - {name: separated, match: {pathSeparatedPrefix: /sep}, route: {cluster: a}}
              - {name: regex, match: {safeRegex: {regex: "/item/[0-9]+/x"}}, route: {cluster: a}}
              - {name: header, match: {prefix: /by, headers: [{name: x-kind, stringMatch: {exact: one}}]}, route: {cluster: a}}
              - {name: absent, match: {prefix: /by, headers: [{name: x-kind, presentMatch: true, invertMatch: true}], queryParameters: [{name: q, stringMatch: {prefix: v}}]}, route: {cluster: b}}
              - {name: by, match: {prefix: /by}, directResponse: {status: 418, body: {inlineString: "neither\n"}}}
              - {name: redirect, match: {prefix: /old/}, redirect: {hostRedirect: new.example, prefixRewrite: /fresh/, httpsRedirect: true, responseCode: PERMANENT_REDIRECT}}
              - {name: prefix, match: {prefix: /api/}, route: {cluster: a, prefixRewrite: /v1/, hostRewriteLiteral: inner.example}}
              - {name: regexrewrite, match: {prefix: /user/}, route: {cluster: a, regexRewrite: {pattern: {regex: "^/user/([^/]+)"}, substitution: "/u?name=\\\\1"}}}
              - name: headers
                match: {prefix: /headers}
                route: {cluster: a}
                requestHeadersToRemove: [x-a]
                requestHeadersToAdd: [{header: {key: x-a, value: "%PROTOCOL% %REQ(:METHOD)%"}}, {header: {key: x-b, value: route}, appendAction: OVERWRITE_IF_EXISTS_OR_ADD}]
                responseHeadersToAdd: [{header: {key: x-answer, value: "%RESPONSE_CODE%"}}]
                responseHeadersToRemove: [server]
              - {name: weighted, match: {prefix: /weighted}, route: {weightedClusters: {clusters: [{name: a, weight: 0}, {name: b, weight: 100}]}}}
              - {name: named, match: {prefix: /named}, route: {clusterHeader: x-cluster}}
              - {name: missing, match: {prefix: /missing}, route: {cluster: nowhere, clusterNotFoundResponseCode: NOT_FOUND}}
              - {name: slow, match: {prefix: /delay/}, route: {cluster: httpbin, timeout: 1s}}
              - {name: retried, match: {prefix: /retried}, route: {cluster: mixed, retryPolicy: {retryOn: 5xx, numRetries: 3, retryHostPredicate: [{name: envoy.retry_host_predicates.previous_hosts, typedConfig: {"@type": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}}], hostSelectionRetryMaxAttempts: 5}}}
              - {name: unretried, match: {prefix: /unretried}, route: {cluster: no, retryPolicy: {retryOn: 5xx, numRetries: 2}}}
              - {name: refused, match: {prefix: /refused}, route: {cluster: closed, retryPolicy: {retryOn: connect-failure, numRetries: 2}}}
              - {name: budgeted, match: {prefix: /budgeted}, route: {cluster: budgeted, retryPolicy: {retryOn: 5xx, numRetries: 1}}}
              - {name: narrow, match: {prefix: /narrow/}, route: {cluster: narrow, prefixRewrite: /delay/}}
              - {name: both, match: {prefix: /both}, route: {cluster: both}}
              - {name: large, match: {prefix: /large}, route: {cluster: a}}
              - {name: httpbin, match: {prefix: /bin/}, route: {cluster: httpbin, prefixRewrite: /}}
  clusters:
$(cluster a "" 8081; cluster b "" 8082; cluster no "" 8083; cluster mixed "" 8083 8082; cluster both "" 8081 8082; cluster closed "" 8099; cluster httpbin "" 8090)
$(cluster tlsone "" 8444; cluster tlstwo "" 8445; cluster greeter "" 8098)
$(cluster budgeted ", circuitBreakers: {thresholds: [{retryBudget: {budgetPercent: {value: 1}, minRetryConcurrency: 1}}]}" 8084)
$(cluster narrow ", circuitBreakers: {thresholds: [{maxConnections: 1, maxPendingRequests: 1}]}" 8090)
END

nginx -p "$here" -c "$here/nginx.conf" 2>/dev/null &
gunicorn -b 127.0.0.1:8090 -w 1 --threads 8 --log-level critical httpbin:app 2>/dev/null &
"$proxy" -c "$here/bootstrap.yaml" --concurrency 1 >"$here/stdout" 2>"$here/err" & pid=$!
for try in $(seq 200); do
  curl -s -m 1 http://127.0.0.1:15000/ready | grep -q LIVE && curl -s -o "$here/out" -m 1 http://127.0.0.1:8081/ && curl -s -o "$here/out" -m 1 http://127.0.0.1:8090/get && break
  sleep 0.1
done
[ "$try" = 200 ] && { echo "not ready"; cat "$here/err"; }

get() { printf '%s ' "$1"; curl -sS -m 10 "http://127.0.0.1:8080$1" "${@:2}"; }
code() { printf '%s ' "$1"; curl -s -o "$here/out" -w '%{http_code}\n' -m 10 "http://127.0.0.1:8080$1" "${@:2}"; }
# An answer leaves before its line is written: lines FILE WHAT COUNT waits for them.
lines() { local try; for try in $(seq 100); do [ "$(grep -c "$2" "$1")" -ge "$3" ] && break; sleep 0.1; done; }
logged() { lines "$here/access.log" "^$1 " "${2:-1}"; grep "^$1 " "$here/access.log" | tail -n "${2:-1}"; }

case $2 in
routing)
  for host in www.foo.com x.foo.com x-bar.foo.com foo.net:8080 WWW.FOO.COM; do printf '%s ' "$host"; curl -s -H "host: $host" http://127.0.0.1:8080/; done
  get /exact; code /exact/; get /lEtTeRs; get /sep; get /sep/x; code /sepx; get /item/12/x?y; code /item/a/x
  get /by -H 'x-kind: one'; get '/by?q=value'; get '/by?q=other'; get /by -H 'x-kind: two'
  curl -s -o "$here/out" -w '%{http_code} %{redirect_url}\n' 'http://127.0.0.1:8080/old/page?q=1'
  get '/api/things?q=1'; get /user/ann/more; get /headers -H 'x-a: client' -H 'x-b: client'
  curl -s -D - -o "$here/out" http://127.0.0.1:8080/headers | tr -d '\r' | grep -iE '^(x-answer|server):'
  for try in 1 2 3; do get /weighted; done
  get /named -H 'x-cluster: b'; code /named -H 'x-cluster: nowhere'; code /missing; code /nothing
  logged /nothing; logged /missing
  for try in $(seq 10); do curl -s http://127.0.0.1:8080/both | cut -d' ' -f1; done | sort | uniq -c | tr -s ' ' ;;
resilience)
  code /delay/5; logged /delay/5
  for try in 1 2 3 4; do get /retried | sed 's/a=.*attempt/attempt/'; done | cut -d' ' -f1-4 | sort -u
  code /unretried; logged /unretried
  code /refused; logged /refused
  narrow() { curl -s -o "$here/out.$1" -w '%{http_code}\n' -m 10 http://127.0.0.1:8080/narrow/2; }
  {
    narrow 1 &
    # While it waits for its connection the first is the one that may wait.
    for try in $(seq 100); do curl -s 'http://127.0.0.1:15000/stats?filter=^cluster.narrow.upstream_(cx_active|rq_pending_active)$' | paste -sd' ' | grep -q 'cx_active: 1 .*pending_active: 0' && break; sleep 0.1; done
    for try in 2 3; do narrow $try & done
  } | sort
  logged /narrow/2 3 | sort | cut -d' ' -f2-4
  kill -0 $pid && echo alive ;;
bodies)
  curl -s http://127.0.0.1:8080/large | cmp - "$here/site/large" && echo "20 MB down"
  curl -s -r 1000-1999 http://127.0.0.1:8080/large | cmp - <(tail -c +1001 "$here/site/large" | head -c 1000) && echo "a range"
  curl -s -I http://127.0.0.1:8080/large | tr -d '\r' | grep -i '^content-length'
  head -c 300000 "$here/site/large" >"$here/part"
  curl -s --data-binary @"$here/part" -H 'content-type: application/octet-stream' http://127.0.0.1:8080/bin/post >"$here/out"
  python3 -c 'import json, sys, base64; d = json.load(open(sys.argv[1])); body = base64.b64decode(d["data"].split(",", 1)[1]); print("posted", len(body), body == open(sys.argv[2], "rb").read(), d["headers"].get("Content-Length"))' "$here/out" "$here/part"
  curl -s -T - -H 'expect: 100-continue' http://127.0.0.1:8080/both <"$here/part" | cut -d' ' -f2
  curl -s http://127.0.0.1:8080/bin/stream/3 | wc -l
  curl -s http://127.0.0.1:8080/bin/gzip --compressed | grep -c gzipped
  code /bin/status/418; code /bin/status/204; code /bin/redirect-to?url=/x
  logged /bin/status/418
  curl -s http://127.0.0.1:8070/large | cmp - "$here/site/large" && echo "20 MB through the TCP proxy"
  curl -s http://127.0.0.1:8070/exact | cut -d' ' -f1-3 ;;
logs)
  code /exact; code /unretried; code /delay/5; code /exact -H 'x-kind: a' -H $'x-agent: "q\\\t\xc3\xa9'; code /unretried -H 'x-kind: b'
  lines "$here/json.log" . 5; sleep 0.3
  for file in stdout status duration flag header and or; do echo "$file: $(paste -sd, "$here/$file")"; done
  cat "$here/json.log" ;;
budget)
  curl -s -o "$here/out" -w '%{http_code} the one that is retried\n' -m 10 http://127.0.0.1:8080/budgeted & first=$!
  sleep 0.7
  code /budgeted
  wait $first
  code /budgeted
  logged /budgeted 3 | cut -d' ' -f1-4
  curl -s 'http://127.0.0.1:15000/stats?filter=^cluster.budgeted.upstream_rq_retry(|_overflow|_success)$' ;;
listeners)
  python3 - "$here/cert.pem" <<'END'
import socket, ssl, threading, time

greeter = socket.create_server(("127.0.0.1", 8098))
def greet():
    while True:
        peer = greeter.accept()[0]
        threading.Thread(target=greet_one, args=(peer,), daemon=True).start()
def greet_one(peer):
    with peer:
        peer.sendall(b"greetings\n")
        peer.shutdown(socket.SHUT_WR)
        try:
            while peer.recv(4096): pass
        except ConnectionResetError: pass
threading.Thread(target=greet, daemon=True).start()

def tls(name, protocols=()):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if protocols: context.set_alpn_protocols(protocols)
    try:
        with context.wrap_socket(socket.create_connection(("127.0.0.1", 8072), 10), server_hostname=name) as stream:
            stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return stream.makefile("rb").read().split(b"\r\n")[-1].decode().strip()
    except ssl.SSLError as fault:
        return fault.reason

def plain(pieces, port=8072):
    with socket.create_connection(("127.0.0.1", port), 10) as stream:
        for piece in pieces:
            stream.sendall(piece)
            time.sleep(0.05)
        return stream.makefile("rb").read().split(b"\r\n")[-1].decode().strip()

print("one.example:", tls("one.example"))
print("two.example:", tls("two.example"))
print("other.net, x-two:", tls("other.net", ["x-two", "http/1.1"]))
print("other.net:", tls("other.net"))
print("HTTP:", plain([b"GET /exact HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"]))
print("HTTP in pieces:", plain([b"G", b"ET /exa", b"ct HT", b"TP/1.1\r\n", b"host: a\r\nconnection: close\r\n\r\n"]))
print("HTTP/1.0 is another protocol:", plain([b"GET /exact HTTP/1.0\r\n\r\n"]))
began = time.monotonic()
print("silence:", plain([]), "after the timeout" if time.monotonic() - began > 0.45 else "too soon")
print("neither:", plain([b"\x00\x01binary\n"]))
held = [socket.create_connection(("127.0.0.1", 8071)) for _ in range(2)]
for stream in held: stream.sendall(b"GET /exact HTTP/1.1\r\nhost: a\r\n\r\n")
print("within the limit:", [stream.recv(12).decode() for stream in held])
beyond = socket.create_connection(("127.0.0.1", 8071))
beyond.settimeout(5)
try: print("beyond it:", beyond.recv(10))
except ConnectionResetError: print("beyond it: b''")
held[0].close()
time.sleep(0.3)
print("afterwards:", plain([b"GET /exact HTTP/1.0\r\n\r\n"], 8071))
END
  ;;
admin)
  code /exact
  page() { printf '%s ' "$1"; curl -s -o "$here/out" -w '%{http_code} ' "${@:2}" "http://127.0.0.1:15000$1"; }
  page /ready; cat "$here/out"
  page /server_info; grep -oE '"state": ?"[A-Z]+"' "$here/out" | tr -d ' '
  page /clusters; grep -E '^a::127.0.0.1:8081::(cx|rq)_' "$here/out" | cut -d: -f6- | paste -sd' '
  page /listeners; sort "$here/out" | paste -sd' '
  page '/stats?filter=^http.http.downstream_rq_2xx$'; cat "$here/out"
  page '/stats/prometheus?filter=cluster.a.upstream_rq_total'; grep -v '^#' "$here/out"
  page /config_dump; python3 -c 'import json, sys; print(sorted(c["@type"].rsplit(".", 1)[1] for c in json.load(open(sys.argv[1]))["configs"]))' "$here/out"
  page /nothing; grep -c 'invalid path' "$here/out"
  for path in /drain_listeners /quitquitquit /logging /reset_counters; do page $path; cat "$here/out"; done
  page '/logging?level=debug' -X POST; grep -c debug "$here/out"
  page /reset_counters -X POST; cat "$here/out"
  page '/stats?filter=^http.http.downstream_rq_2xx$'; cat "$here/out"
  page /drain_listeners -X POST; cat "$here/out"; sleep 0.3
  curl -s -o "$here/out" -m 2 http://127.0.0.1:8080/exact; echo "curl $?"
  page /quitquitquit -X POST; cat "$here/out"; wait $pid; echo "ended $?" ;;
esac
