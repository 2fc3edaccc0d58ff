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
