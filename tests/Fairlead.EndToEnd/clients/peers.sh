#!/usr/bin/env bash
# The published sidecar between curl and servers that nobody here wrote (nginx, httpbin behind gunicorn): peers.sh PROXY CASE
set -u
proxy=$1
here=$(mktemp -d)
trap 'kill -9 $(jobs -p); wait; rm -rf "$here"' EXIT
mkdir -p "$here/site" "$here/tmp"
chmod 755 "$here" # nginx reads as another user
head -c 20000000 /dev/urandom >"$here/site/large"

cat >"$here/nginx.conf" <<END
daemon off; pid $here/nginx.pid; error_log $here/nginx.err; worker_processes 1;
events {}
http {
  access_log off; client_body_temp_path $here/tmp; proxy_temp_path $here/tmp; fastcgi_temp_path $here/tmp; uwsgi_temp_path $here/tmp; scgi_temp_path $here/tmp;
  client_max_body_size 100m; keepalive_timeout 60s;
  map "" \$echo { default "\$server_port \$request_method \$request_uri \$http_host a=\$http_x_a b=\$http_x_b attempt=\$http_x_envoy_attempt_count was=\$http_x_envoy_original_path"; }
  server { listen 127.0.0.1:8081; listen 127.0.0.1:8082; default_type text/plain; root $here/site; location / { return 200 "\$echo\n"; } location /large { try_files /large =404; } }
  server { listen 127.0.0.1:8083; location / { return 503 "8083 says no\n"; } }
}
END

endpoint() { echo "{endpoint: {address: {socketAddress: {address: 127.0.0.1, portValue: $1}}}}"; }
cluster() { # NAME MORE PORT...
  local name=$1 more=$2 list="" port; shift 2
  for port in "$@"; do list="$list${list:+, }$(endpoint "$port")"; done
  echo "  - {name: $name, type: STATIC, connectTimeout: 1s$more, loadAssignment: {clusterName: $name, endpoints: [{lbEndpoints: [$list]}]}}"
}

cat >"$here/bootstrap.yaml" <<END
node: {id: "sidecar~127.0.0.1~peers.default~default.svc.cluster.local", cluster: peers}
admin: {address: {socketAddress: {address: 127.0.0.1, portValue: 15000}}}
staticResources:
  listeners:
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
          httpFilters:
          - {name: envoy.filters.http.router, typedConfig: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          routeConfig:
            name: all
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
              - {name: exact, match: {path: /exact}, route: {cluster: a}}
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
              - {name: narrow, match: {prefix: /narrow/}, route: {cluster: narrow, prefixRewrite: /delay/}}
              - {name: both, match: {prefix: /both}, route: {cluster: both}}
              - {name: large, match: {prefix: /large}, route: {cluster: a}}
              - {name: httpbin, match: {prefix: /bin/}, route: {cluster: httpbin, prefixRewrite: /}}
  clusters:
$(cluster a "" 8081; cluster b "" 8082; cluster no "" 8083; cluster mixed "" 8083 8082; cluster both "" 8081 8082; cluster closed "" 8099; cluster httpbin "" 8090)
$(cluster narrow ", circuitBreakers: {thresholds: [{maxConnections: 1, maxPendingRequests: 1}]}" 8090)
END

nginx -p "$here" -c "$here/nginx.conf" 2>/dev/null &
gunicorn -b 127.0.0.1:8090 -w 1 --threads 8 --log-level critical httpbin:app 2>/dev/null &
"$proxy" -c "$here/bootstrap.yaml" --concurrency 1 2>"$here/err" & pid=$!
for try in $(seq 200); do
  curl -s -m 1 http://127.0.0.1:15000/ready | grep -q LIVE && curl -s -o "$here/out" -m 1 http://127.0.0.1:8081/ && curl -s -o "$here/out" -m 1 http://127.0.0.1:8090/get && break
  sleep 0.1
done
[ "$try" = 200 ] && { echo "not ready"; cat "$here/err"; }

get() { printf '%s ' "$1"; curl -sS -m 10 "http://127.0.0.1:8080$1" "${@:2}"; }
code() { printf '%s ' "$1"; curl -s -o "$here/out" -w '%{http_code}\n' -m 10 "http://127.0.0.1:8080$1" "${@:2}"; }
logged() { sleep 0.2; grep "^$1 " "$here/access.log" | tail -n "${2:-1}"; }

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
  for try in 1 2 3; do curl -s -o "$here/out.$try" -w '%{http_code}\n' -m 10 http://127.0.0.1:8080/narrow/2 & done | sort
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
