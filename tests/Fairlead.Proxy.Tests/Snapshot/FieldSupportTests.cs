using Fairlead.Proxy.Snapshot.Compile;
using Google.Protobuf;

namespace Fairlead.Proxy.Tests.Snapshot;

public sealed class FieldSupportTests
{
    [Fact]
    public void Fields_without_effect_are_named_and_others_are_not()
    {
        var cluster = TestCompile.Cluster("{name: a, type: STATIC, connect_timeout: 1s, track_timeout_budgets: true, outlier_detection: {}}");
        Inspect("envoy.config.cluster.v3.Cluster", cluster).ShouldBe(
            ["envoy.config.cluster.v3.Cluster.outlier_detection", "envoy.config.cluster.v3.Cluster.track_timeout_budgets"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("CONNECT", 1)]
    [InlineData("connect-udp", 1)]
    [InlineData("websocket", 0)]
    public void An_upgrade_that_is_not_offered_is_named(string type, int named) =>
        Inspect("envoy.config.route.v3.RouteAction.UpgradeConfig", new Envoy.Config.Route.V3.RouteAction.Types.UpgradeConfig { UpgradeType = type })
            .ShouldBe(Enumerable.Repeat("envoy.config.route.v3.RouteAction.UpgradeConfig.upgrade_type", named));

    [Theory]
    [InlineData("true", 0)]
    [InlineData("false", 1)]
    public void One_socket_for_all_workers_is_not_made_and_named(string reusePort, int named) =>
        Inspect("envoy.config.listener.v3.Listener", TestCompile.Listener($"{{name: l, enable_reuse_port: {reusePort}}}"))
            .ShouldBe(Enumerable.Repeat("envoy.config.listener.v3.Listener.enable_reuse_port", named));

    [Fact]
    public void Fields_inside_a_typed_config_are_found_and_unknown_numbers_too()
    {
        var listener = TestCompile.Listener(
            """
            name: l
            filter_chains:
            - filters:
              - name: tcp
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                  stat_prefix: p
                  cluster: c
                  max_early_data_bytes: 7
            """);
        Inspect("envoy.config.listener.v3.Listener", listener).ShouldBe(
            ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.max_early_data_bytes"]);
        var found = new List<string>();
        FieldSupport.Inspect("envoy.config.cluster.v3.Cluster", [0xf8, 0x3f, 1], found.Add); // field 1023
        found.ShouldBe(["envoy.config.cluster.v3.Cluster.#1023"]);
    }

    [Fact]
    public void Fields_of_a_bootstrap_are_found()
    {
        var bootstrap = TestCompile.Message(
            """
            node: { id: a, cluster: b, metadata: { X: y } }
            admin: { address: { socket_address: { address: 127.0.0.1, port_value: 1, ipv4_compat: true } }, profile_path: /x, ignore_global_conn_limit: true }
            stats_config: { stats_tags: [{ tag_name: x, fixed_value: y }] }
            watchdogs: { main_thread_watchdog: { miss_timeout: 1s } }
            layered_runtime: { layers: [{ name: s, static_layer: { a: 1 } }, { name: a, admin_layer: {} }] }
            dynamic_resources: { ads_config: { api_type: GRPC, rate_limit_settings: {}, grpc_services: [{ timeout: 1s, envoy_grpc: { cluster_name: x, authority: y } }] } }
            static_resources: { secrets: [{ name: s }] }
            """,
            "envoy.config.bootstrap.v3.Bootstrap",
            Envoy.Config.Bootstrap.V3.Bootstrap.Parser);

        Inspect("envoy.config.bootstrap.v3.Bootstrap", bootstrap).ShouldBe(
            [
                "envoy.config.bootstrap.v3.Admin.ignore_global_conn_limit", "envoy.config.bootstrap.v3.Admin.profile_path",
                "envoy.config.bootstrap.v3.Bootstrap.StaticResources.secrets", "envoy.config.bootstrap.v3.Bootstrap.stats_config",
                "envoy.config.bootstrap.v3.Bootstrap.watchdogs", "envoy.config.bootstrap.v3.RuntimeLayer.admin_layer",
                "envoy.config.core.v3.ApiConfigSource.rate_limit_settings", "envoy.config.core.v3.GrpcService.EnvoyGrpc.authority",
                "envoy.config.core.v3.GrpcService.timeout", "envoy.config.core.v3.SocketAddress.ipv4_compat",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public void A_default_that_is_written_says_no_more_than_its_absence()
    {
        var errors = new List<string>();
        var loaded = Fairlead.Proxy.Bootstrap.BootstrapLoader.Load(
            "{ admin: { ignore_global_conn_limit: false, profile_path: '' }, layered_runtime: { layers: [{ admin_layer: {} }] }, default_socket_interface: x }", "b", errors, []);
        errors.ShouldBeEmpty();
        var found = new List<string>();
        FieldSupport.Inspect("envoy.config.bootstrap.v3.Bootstrap", loaded!.Wire.Span, found.Add);
        found.ShouldBe(
            ["envoy.config.bootstrap.v3.RuntimeLayer.admin_layer", "envoy.config.bootstrap.v3.Bootstrap.default_socket_interface"], ignoreOrder: true);
    }

    [Fact]
    public void Of_the_tls_inspector_only_the_first_buffers_size_has_no_effect()
    {
        var filter = TestCompile.Message(
            """
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector
              max_client_hello_size: 4096
              initial_read_buffer_size: 512
              close_connection_on_client_hello_parsing_errors: true
            """,
            "envoy.config.listener.v3.ListenerFilter",
            Envoy.Config.Listener.V3.ListenerFilter.Parser);

        Inspect("envoy.config.listener.v3.ListenerFilter", filter)
            .ShouldBe(["envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector.initial_read_buffer_size"]);
    }

    /// <summary>As Istio ships its own filters.</summary>
    [Theory]
    [InlineData("xds.type.v3.TypedStruct")]
    [InlineData("udpa.type.v1.TypedStruct")]
    public void What_a_typed_struct_stands_for_is_looked_at(string wrapper)
    {
        var filter = TestCompile.Message(
            $$"""
            name: istio.stats
            typed_config:
              "@type": type.googleapis.com/{{wrapper}}
              type_url: type.googleapis.com/stats.PluginConfig
              value: { disable_host_header_fallback: true, colour: red, metrics: [{ name: requests_total, match: "true", drop: true }] }
            """,
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
            Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpFilter.Parser);

        Inspect("envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter", filter)
            .ShouldBe(["stats.PluginConfig.colour", "stats.MetricConfig.match"], ignoreOrder: true);
    }

    [Fact]
    public void A_typed_struct_that_is_no_such_message_is_left_to_the_compilers()
    {
        var filter = TestCompile.Message(
            """
            typed_config: { "@type": type.googleapis.com/udpa.type.v1.TypedStruct, type_url: type.googleapis.com/stats.PluginConfig, value: { metrics: none } }
            """,
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter",
            Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpFilter.Parser);

        Inspect("envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter", filter).ShouldBeEmpty();
    }

    private static List<string> Inspect(string name, IMessage message)
    {
        var found = new List<string>();
        FieldSupport.Inspect(name, message.ToByteArray(), found.Add);
        return found;
    }
}
