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

    private static List<string> Inspect(string name, IMessage message)
    {
        var found = new List<string>();
        FieldSupport.Inspect(name, message.ToByteArray(), found.Add);
        return found;
    }
}
