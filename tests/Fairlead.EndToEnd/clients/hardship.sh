#!/usr/bin/env bash
# A sidecar with a static bootstrap in a network of its own, and what goes wrong around it: hardship.sh PROXY CASE
set -u
proxy=$1
here=$(mktemp -d)
trap 'kill -9 $(jobs -p); wait; umount "$here/logs"; rm -rf "$here"' EXIT
mkdir "$here/logs" "$here/site"
mount -t tmpfs -o size=64k none "$here/logs"
echo "nameserver 127.0.0.1" >"$here/resolv.conf"
mount --bind "$here/resolv.conf" /etc/resolv.conf
echo content >"$here/site/file"

cat >"$here/bootstrap.yaml" <<END
node: {id: "sidecar~127.0.0.1~hard.default~default.svc.cluster.local", cluster: hard}
admin: {address: {socketAddress: {address: 127.0.0.1, portValue: 15000}}}
staticResources:
  listeners:
  - name: http
    address: {socketAddress: {address: 127.0.0.1, portValue: 8080}}
    filterChains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typedConfig:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          statPrefix: http
          accessLog:
          - name: envoy.access_loggers.file
            typedConfig:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
              path: $here/logs/access.log
              logFormat: {textFormatSource: {inlineString: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS%\n"}}
          httpFilters:
          - {name: envoy.filters.http.router, typedConfig: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          routeConfig:
            name: all
            virtualHosts:
            - name: all
              domains: ["*"]
              routes:
              - {match: {prefix: /named/}, route: {cluster: named, prefixRewrite: /}}
              - {match: {prefix: /stopped/}, route: {cluster: stopped, prefixRewrite: /, timeout: 1s}}
              - {match: {prefix: /}, route: {cluster: site}}
  clusters:
  - {name: site, type: STATIC, connectTimeout: 1s, loadAssignment: {clusterName: site, endpoints: [{lbEndpoints: [{endpoint: {address: {socketAddress: {address: 127.0.0.1, portValue: 8081}}}}]}]}}
  - {name: stopped, type: STATIC, connectTimeout: 1s, loadAssignment: {clusterName: stopped, endpoints: [{lbEndpoints: [{endpoint: {address: {socketAddress: {address: 127.0.0.1, portValue: 8082}}}}]}]}}
  - name: named
    type: STRICT_DNS
    connectTimeout: 1s
    dnsRefreshRate: 1s
    dnsFailureRefreshRate: {baseInterval: 0.1s, maxInterval: 0.2s}
    dnsLookupFamily: V4_ONLY
    loadAssignment: {clusterName: named, endpoints: [{lbEndpoints: [{endpoint: {address: {socketAddress: {address: late.example, portValue: 8081}}}}]}]}
END

site() { python3 -m http.server --directory "$here/site" --bind 127.0.0.1 "$1" >/dev/null 2>&1 & }
code() { curl -s -o /dev/null -w '%{http_code}\n' -m 10 "http://127.0.0.1:8080$1"; }
until_code() { local try; for try in $(seq 100); do [ "$(code "$1")" = "$2" ] && { echo "$1 $2"; return; }; sleep 0.1; done; echo "$1 is not $2"; }
started() { local try; for try in $(seq 100); do curl -s -m 1 http://127.0.0.1:15000/ready | grep -q LIVE && return; sleep 0.1; done; echo "not ready"; cat "$here/err"; }
# The answer leaves before its line is written.
until_logged() { local try; for try in $(seq 100); do grep -q "$1" "$here/logs/access.log" && break; sleep 0.1; done; grep -c "$1" "$here/logs/access.log"; }
stat() { curl -s "http://127.0.0.1:15000/stats" | grep -E "$1"; }

site 8081
case $2 in
descriptors)
  prlimit --nofile=120:120 "$proxy" -c "$here/bootstrap.yaml" --concurrency 1 2>"$here/err" & pid=$!
  started; until_code /file 200
  python3 - <<'END'
import socket, time
held = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(200)]
time.sleep(4)
# Of those that were accepted one asks: there is no descriptor left for its upstream.
held[0].settimeout(5)
held[0].sendall(b"GET /file HTTP/1.1\r\nhost: a\r\n\r\n")
print(held[0].recv(65536).split(b"\r\n")[0].decode())
END
  until_code /file 200
  grep -oE 'accept on .* raise the limit of open files or lower the connection limits' "$here/err" | sort -u
  kill -0 $pid && echo alive ;;
disk)
  "$proxy" -c "$here/bootstrap.yaml" --concurrency 1 2>"$here/err" & pid=$!
  started; until_code /file 200
  dd if=/dev/zero of="$here/logs/filler" bs=1k count=200 2>/dev/null
  # The file's last page still takes a line; these do not fit into it.
  for i in $(seq 4); do code "/$(printf 'x%.0s' $(seq 3000))"; done | sort | uniq -c | tr -s ' '
  until_code /file 200
  stat 'access_log_file.lines_dropped: [1-9]' >/dev/null && echo "lost lines are counted"
  rm "$here/logs/filler"
  until_code /again 404
  until_logged '^/again 404'
  grep -oE 'access log [^ ]*access.log.*' "$here/err" | sed "s#$here#HERE#; s#[0-9]* lines were#N lines were#"
  kill -0 $pid && echo alive ;;
dns)
  "$proxy" -c "$here/bootstrap.yaml" --concurrency 1 2>"$here/err" & pid=$!
  started; until_code /file 200
  code /named/file
  python3 - <<'END' &
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
while True:
    question, client = server.recvfrom(512)
    server.sendto(question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question[12:question.index(b"\x00", 12) + 5] + b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04\x7f\x00\x00\x01", client)
END
  dns=$!
  until_code /named/file 200
  stat '^cluster.named.membership_(change|healthy|total):'
  kill $dns; sleep 3
  # What was resolved stays when nobody answers any more.
  code /named/file
  stat '^cluster.named.update_failure: [1-9]' >/dev/null && echo "failures are counted"
  kill -0 $pid && echo alive ;;
stopped)
  site 8082; upstream=$!
  "$proxy" -c "$here/bootstrap.yaml" --concurrency 1 2>"$here/err" & pid=$!
  started; until_code /stopped/file 200
  kill -STOP $upstream
  code /stopped/file
  code /file
  kill -CONT $upstream
  until_code /stopped/file 200
  grep -m1 '^/stopped/file 504' "$here/logs/access.log"
  kill -0 $pid && echo alive ;;
esac
