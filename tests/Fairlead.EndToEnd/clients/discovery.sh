#!/usr/bin/env bash
# Where the published sidecar learns of addresses and resources: a DNS server that nobody here wrote (dnsmasq), and watched files: discovery.sh PROXY CASE
set -u
proxy=$1
here=$(mktemp -d)
trap 'kill -9 $(jobs -p); wait; rm -rf "$here"' EXIT
mkdir "$here/tmp"
chmod 755 "$here" # nginx reads as another user
printf 'nameserver 127.0.0.1\nsearch team.example\n' >"$here/resolv.conf"
mount --bind "$here/resolv.conf" /etc/resolv.conf

cat >"$here/nginx.conf" <<END
daemon off; pid $here/nginx.pid; error_log $here/nginx.err; worker_processes 1;
events {}
http {
  access_log off; client_body_temp_path $here/tmp; proxy_temp_path $here/tmp; fastcgi_temp_path $here/tmp; uwsgi_temp_path $here/tmp; scgi_temp_path $here/tmp;
  server { listen 8081; listen 8082; listen [::]:8081; default_type text/plain; location / { return 200 "\$server_addr:\$server_port \$request_uri\n"; } }
}
END

manager() { # ROUTES-KEY ROUTES -> the connection manager of a listener
  cat <<END
    filterChains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typedConfig:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          statPrefix: http
          httpFilters:
          - {name: envoy.filters.http.router, typedConfig: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          $1: $2
END
}
named() { # CLUSTER TYPE HOST FAMILY
  echo "  - {name: $1, type: $2, connectTimeout: 1s, dnsLookupFamily: $4, respectDnsTtl: true, dnsRefreshRate: 1s, dnsFailureRefreshRate: {baseInterval: 0.1s, maxInterval: 0.2s}," \
    "loadAssignment: {clusterName: $1, endpoints: [{lbEndpoints: [{endpoint: {address: {socketAddress: {address: $3, portValue: 8081}}}}]}]}}"
}
route() { echo "{match: {prefix: /$1}, route: {cluster: $1}}"; }

node='{id: "sidecar~127.0.0.1~discovery.default~default.svc.cluster.local", cluster: discovery}'
admin='{address: {socketAddress: {address: 127.0.0.1, portValue: 15000}}}'
get() { curl -s -m 10 "http://127.0.0.1:8080$1"; }
until_is() { # COMMAND... VALUE: prints the value once the command does
  local try last="${*: -1}" is
  for try in $(seq 100); do is=$("${@:1:$#-1}"); [ "$is" = "$last" ] && { echo "$last"; return; }; sleep 0.1; done
  echo "$* is $is"
}
stat() { curl -s "http://127.0.0.1:15000/stats" | grep -E "$1"; }
addresses() { curl -s http://127.0.0.1:15000/clusters | grep -E "^$1::.*::weight::" | cut -d: -f3- | sed 's/::weight.*//' | sort; }
members() { addresses "$1" | wc -l; }
start() { "$proxy" -c "$here/bootstrap.yaml" --concurrency 1 2>"$here/err" & pid=$!; }

nginx -p "$here" -c "$here/nginx.conf" 2>/dev/null &
case $2 in
dns)
  hosts() { printf '%s\n' "$@" >"$here/hosts"; }
  hosts "127.0.0.2 strict.example" "127.0.0.3 strict.example" "127.0.0.2 logical.example" "127.0.0.3 logical.example" "127.0.0.4 short.team.example" "::1 six.example" "127.0.0.5 six.example"
  for n in $(seq 200); do echo "127.0.1.$n many.example"; done >>"$here/hosts"
  dnsmasq --keep-in-foreground --user=root --pid-file --no-resolv --no-hosts --addn-hosts="$here/hosts" --listen-address=127.0.0.1 --bind-interfaces --local-ttl=1 --log-facility="$here/dns.log" & dns=$!
  { echo "node: $node"; echo "admin: $admin"; echo "staticResources:"; echo "  listeners:"; echo "  - name: http"; echo "    address: {socketAddress: {address: 127.0.0.1, portValue: 8080}}"
    manager routeConfig "{name: all, virtualHosts: [{name: all, domains: ['*'], routes: [$(route strict), $(route logical), $(route short), $(route four), $(route six), $(route both), $(route many), $(route unknown)]}]}"
    echo "  clusters:"
    named strict STRICT_DNS strict.example V4_ONLY; named logical LOGICAL_DNS logical.example V4_ONLY; named short STRICT_DNS short V4_ONLY
    named four STRICT_DNS six.example V4_ONLY; named six STRICT_DNS six.example V6_ONLY; named both STRICT_DNS six.example ALL
    named many STRICT_DNS many.example V4_ONLY; named unknown STRICT_DNS unknown.example V4_ONLY; } >"$here/bootstrap.yaml"
  start
  until_is get /short "127.0.0.4:8081 /short"
  for name in strict four six both; do echo "$name $(addresses $name | paste -sd' ')"; done
  echo "logical $(members logical) $(addresses logical | grep -cE '^127.0.0.[23]:8081$')"
  get /four; get /six
  for try in 1 2 3 4; do get /strict; done | sort | uniq -c | tr -s ' '
  # 200 addresses do not fit into a datagram: they came over TCP.
  until_is members many 200
  get /unknown; echo
  stat '^cluster.unknown.membership_total:'
  # A name gets another address: what is asked from now on goes there, and the cluster has one endpoint still.
  hosts "127.0.0.6 logical.example" "127.0.0.6 strict.example" "127.0.0.7 unknown.example"
  kill -HUP $dns
  until_is get /logical "127.0.0.6:8081 /logical"
  until_is addresses logical 127.0.0.6:8081
  until_is addresses strict 127.0.0.6:8081
  until_is get /unknown "127.0.0.7:8081 /unknown"
  # A name that is gone leaves the addresses that are known.
  hosts "127.0.0.9 other.example"
  kill -HUP $dns
  sleep 2.5
  get /strict
  stat '^cluster.strict.update_empty: [1-9]' >/dev/null || stat '^cluster.strict.update_failure: [1-9]' >/dev/null && echo "counted" ;;
files)
  place() { cat >"$here/$1.new"; mv "$here/$1.new" "$here/$1"; } # in one piece, as whoever writes such files does
  source="pathConfigSource: {path: $here"
  endpoints() { echo "resources: [{'@type': type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment, clusterName: a, endpoints: [{lbEndpoints: [{endpoint: {address: {socketAddress: {address: 127.0.0.1, portValue: $1}}}}]}]}]"; }
  clusters() { echo "resources: [{'@type': type.googleapis.com/envoy.config.cluster.v3.Cluster, name: $1, type: EDS, connectTimeout: 1s, edsClusterConfig: {serviceName: a, edsConfig: {$source/eds.yaml}, resourceApiVersion: V3}}}]"; }
  routes() { echo "resources: [{'@type': type.googleapis.com/envoy.config.route.v3.RouteConfiguration, name: all, virtualHosts: [{name: all, domains: ['*'], routes: [$1]}]}]"; }
  listeners() { echo "resources:"; echo "  - '@type': type.googleapis.com/envoy.config.listener.v3.Listener"; echo "    name: http"; echo "    address: {socketAddress: {address: 127.0.0.1, portValue: $1}}"; manager rds "{routeConfigName: all, configSource: {$source/rds.yaml}, resourceApiVersion: V3}}"; }
  endpoints 8081 | place eds.yaml
  clusters a | place cds.yaml
  routes "$(route a)" | place rds.yaml
  listeners 8080 | place lds.yaml
  { echo "node: $node"; echo "admin: $admin"; echo "dynamicResources: {cdsConfig: {$source/cds.yaml}, resourceApiVersion: V3}, ldsConfig: {$source/lds.yaml}, resourceApiVersion: V3}}"; } >"$here/bootstrap.yaml"
  start
  until_is get /a "127.0.0.1:8081 /a"
  endpoints 8082 | place eds.yaml
  until_is get /a "127.0.0.1:8082 /a"
  # A route whose cluster is not there yet, then the cluster.
  routes "$(route b), $(route a)" | place rds.yaml
  until_is curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/b 503
  get /a
  { clusters a; clusters b | sed 's/^resources: \[\(.*\)\]$/\1/' ; } | paste -sd, | sed 's/\],{/,{/; s/$/]/' | place cds.yaml
  until_is get /b "127.0.0.1:8082 /b"
  # What cannot be read or obeyed changes nothing and is told.
  echo "resources: [{" | place rds.yaml
  routes "$(route a)" | place lds.yaml
  for try in $(seq 50); do [ "$(grep -cE 'rds.yaml|lds.yaml' "$here/err")" -ge 2 ] && break; sleep 0.1; done
  sed -n "s#.*$here/\([lr]ds.yaml\).*#\1 was told#p" "$here/err" | sort -u
  get /b
  routes "$(route a)" | place rds.yaml
  until_is curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8080/b 404
  listeners 8088 | place lds.yaml
  until_is curl -s http://127.0.0.1:8088/a "127.0.0.1:8082 /a" ;;
esac
kill -0 $pid && echo alive
