using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>The sidecar as it is shipped: trimmed, so what the trimmer took is missed here first.</summary>
public sealed class PublishedProxyTests
{
    [Fact]
    public async Task It_tells_its_version()
    {
        var (exit, output, error) = await Published.RunAsync(Published.Proxy, "--version");
        exit.ShouldBe(0, error);
        output.ShouldStartWith("fairlead-proxy 0.");
    }

    [Fact]
    public async Task It_needs_no_installed_runtime()
    {
        var (exit, output, error) = await Published.RunAsync("env", "-i", "DOTNET_ROOT=/nonexistent", Published.Proxy, "--version");
        exit.ShouldBe(0, error);
        output.ShouldStartWith("fairlead-proxy 0.");
    }

    /// <summary>Its bar is 40 MiB; what made it load protobuf's descriptors brought 5 MB and a tenth of a second.</summary>
    [Fact]
    public async Task Idle_it_is_small()
    {
        const int mostKilobytes = 43 * 1024;
        var command = Sandbox.Command(["bash", "-c", """
            "$0" --config-yaml '{admin: {address: {socket_address: {address: 127.0.0.1, port_value: 15000}}}, static_resources: {}}' --concurrency 1 2>/dev/null & pid=$!
            for try in $(seq 100); do curl -s -m 1 http://127.0.0.1:15000/ready | grep -q LIVE && break; sleep 0.1; done
            grep -E '^VmRSS' /proc/$pid/status; kill -9 $pid
            """, Published.Proxy], hasOwnNetwork: true);
        var (_, output, error) = await Published.RunAsync(command[0], [.. command.Skip(1)]);
        output.ShouldMatch("^VmRSS:\\s+[0-9]+ kB", error);
        int.Parse(output.Split(' ', '\t').First(part => part.Length > 0 && char.IsAsciiDigit(part[0]))).ShouldBeInRange(10_000, mostKilobytes);
    }

    /// <summary>Wherever it stands: in the bootstrap, in a file of resources, in a struct that stands for a message.</summary>
    [Fact]
    public async Task A_field_without_effect_is_named_in_log_stat_and_dump()
    {
        var command = Sandbox.Command(["bash", "-c", """
            folder=$(mktemp -d); trap 'rm -rf $folder' EXIT
            cat >$folder/cds.yaml <<'YAML'
            resources:
            - { "@type": type.googleapis.com/envoy.config.cluster.v3.Cluster, name: c, colour: red, load_assignment: { cluster_name: c } }
            YAML
            cat >$folder/bootstrap.yaml <<YAML
            admin: { address: { socket_address: { address: 127.0.0.1, port_value: 15000 } }, shape: round }
            dynamic_resources: { cds_config: { path_config_source: { path: $folder/cds.yaml } } }
            static_resources:
              listeners:
              - name: l
                address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
                filter_chains:
                - filters:
                  - name: stats
                    typed_config: { "@type": type.googleapis.com/udpa.type.v1.TypedStruct, type_url: type.googleapis.com/stats.PluginConfig, value: { size: big } }
                  - name: tcp
                    typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: t, cluster: c }
            YAML
            "$0" -c $folder/bootstrap.yaml --concurrency 1 2>$folder/log & pid=$!
            for try in $(seq 100); do curl -s -m 1 http://127.0.0.1:15000/unsupported_fields | grep -q Cluster.colour && break; sleep 0.1; done
            grep -c -e 'no field .shape.' -e 'no field .colour.' -e 'PluginConfig.size has no effect' $folder/log
            curl -s http://127.0.0.1:15000/stats | grep unsupported_fields
            curl -s http://127.0.0.1:15000/config_dump | sed -n '/unsupported_fields/,$p' | grep -o '"[a-zA-Z0-9_.]*": ' | tr -d '\n'
            kill -9 $pid
            """, Published.Proxy], hasOwnNetwork: true);
        var (_, output, error) = await Published.RunAsync(command[0], [.. command.Skip(1)]);
        output.ShouldBe(
            "3\nserver.unsupported_fields: 3\n\"unsupported_fields\": \"envoy.config.bootstrap.v3.Admin.shape\": \"envoy.config.cluster.v3.Cluster.colour\": \"stats.PluginConfig.size\": ", error);
    }

    [Fact]
    public async Task Connections_are_limited_for_a_listener_and_for_all_by_the_runtime_layer()
    {
        var command = Sandbox.Command(["bash", "-c", """
            log=$(mktemp); trap 'rm -f $log' EXIT
            listener() { cat <<YAML
              - name: $1
                address: { socket_address: { address: 127.0.0.1, port_value: $2 } }
                filter_chains:
                - filters:
                  - name: http
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: http
                      route_config: { name: r, virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, direct_response: { status: 200 } }] }] }
                      http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
            YAML
            }
            "$0" --concurrency 2 --config-yaml "
            admin: { address: { socket_address: { address: 127.0.0.1, port_value: 15000 } } }
            layered_runtime:
              layers:
              - name: static
                static_layer: { overload.global_downstream_max_connections: 3, envoy.resource_limits.listener.small.connection_limit: '1', re2.max_program_size.error_level: 100 }
            static_resources:
              listeners:
            $(listener small 8081)
            $(listener big 8082)
            " 2>$log & pid=$!
            stats() { curl -s -m 5 http://127.0.0.1:15000/stats; }
            until_line() { for try in $(seq 200); do stats | grep -qx "$1" && return; sleep 0.05; done; echo "never: $1"; stats | grep listener; }
            until_line 'listener_manager.workers_started: 1'
            exec 3<>/dev/tcp/127.0.0.1/8081; until_line 'listener.127.0.0.1_8081.downstream_cx_active: 1'
            curl -s -o /dev/null -m 5 http://127.0.0.1:8081/ && echo 'a second one came in'
            exec 4<>/dev/tcp/127.0.0.1/8082 5<>/dev/tcp/127.0.0.1/8082; until_line 'listener.127.0.0.1_8082.downstream_cx_active: 2'
            curl -s -o /dev/null -m 5 http://127.0.0.1:8082/ && echo 'a fourth one came in'
            exec 4>&- 4<&-; until_line 'listener.127.0.0.1_8082.downstream_cx_active: 1'
            curl -s -o /dev/null -m 5 -w '%{http_code}\n' http://127.0.0.1:8082/
            stats | grep -e cx_overflow | grep -v ': 0$'
            grep -o "the runtime key.*proxy" $log
            kill -9 $pid
            """, Published.Proxy], hasOwnNetwork: true);
        var (_, output, error) = await Published.RunAsync(command[0], [.. command.Skip(1)]);
        output.ShouldBe(
            """
            200
            listener.127.0.0.1_8081.downstream_cx_overflow: 1
            listener.127.0.0.1_8082.downstream_global_cx_overflow: 1
            the runtime key 're2.max_program_size.error_level' has no effect on this proxy

            """, error);
    }

    [Fact]
    public async Task A_limit_that_is_no_number_is_refused_with_its_place()
    {
        var (exit, _, error) = await Published.RunAsync(
            Published.Proxy, "--mode", "validate", "--config-yaml", "layered_runtime: { layers: [{ name: s, static_layer: { overload.global_downstream_max_connections: many } }] }");
        exit.ShouldBe(1);
        error.ShouldContain("layered_runtime: overload.global_downstream_max_connections: 'many' is not a number of connections");
    }

    /// <summary>What the JIT compiles at each start is time before ready (docs/decisions/0108): once 900 methods, then 250.</summary>
    [Fact]
    public async Task It_is_compiled_ahead()
    {
        const int mostMethods = 60;
        const string bootstrap = """
            static_resources:
              listeners:
              - name: http
                address: { socket_address: { address: 127.0.0.1, port_value: 8080 } }
                filter_chains:
                - filters:
                  - name: http
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: http
                      route_config: { name: r, virtual_hosts: [{ name: v, domains: ["*"], routes: [{ match: { prefix: / }, route: { cluster: c, timeout: 3s } }] }] }
                      access_log: [{ name: file, typed_config: { "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: /dev/stdout } }]
                      http_filters: [{ name: router, typed_config: { "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router } }]
              clusters:
              - name: c
                load_assignment: { cluster_name: c, endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: 81 } } } }] }] }
            """;
        var list = Path.GetTempFileName();
        try
        {
            var (exit, output, error) = await Published.RunAsync(
                "env", "DOTNET_JitStdOutFile=" + list, "DOTNET_JitDisasmSummary=1", Published.Proxy, "--mode", "validate", "--config-yaml", bootstrap);
            exit.ShouldBe(0, error);
            output.ShouldContain("OK");
            var methods = await File.ReadAllLinesAsync(list);
            methods.Length.ShouldBeInRange(1, mostMethods, string.Join("\n", methods));
        }
        finally
        {
            File.Delete(list);
        }
    }
}
