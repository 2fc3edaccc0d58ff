using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Compile;

namespace Fairlead.Proxy.Tests.Snapshot;

public sealed class ListenerCompilerTests
{
    private readonly ListenerCompiler _compiler = new(TestCompile.Context());

    [Fact]
    public void An_unchanged_chain_keeps_its_object_wherever_it_stands()
    {
        var before = Compile(null, Chain("a", 80), Chain("b", 443), Chain("c", null));

        var after = Compile(before, Chain("c", null), Chain("new", 8080), Chain("other", 443), Chain("a", 80));

        after.FilterChains[0].ShouldBeSameAs(before.FilterChains[2]);
        after.FilterChains[3].ShouldBeSameAs(before.FilterChains[0]);
        after.FilterChains[2].ShouldNotBeSameAs(before.FilterChains[1]);
        after.FilterChains[2].Filters[0].ShouldBeOfType<TcpProxyConfig>().Clusters.Clusters[0].Name.ShouldBe("other");
    }

    [Fact]
    public void Two_chains_with_one_match_are_refused() =>
        Should.Throw<ConfigException>(() => Compile(null, Chain("a", 80), Chain("b", null), Chain("c", 80))).Message
            .ShouldBe("listener 'l'.filter_chains[2].filter_chain_match: is the same as that of filter_chains[0]: the connections of one would never reach the other");

    private static string Chain(string cluster, int? port) =>
        (port is null ? "- filters:" : $"- filter_chain_match: {{ destination_port: {port} }}\n  filters:")
        + $"\n  - name: tcp\n    typed_config: {{ '@type': type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: p, cluster: {cluster} }}\n";

    private ListenerSnapshot Compile(ListenerSnapshot? previous, params string[] chains) => _compiler.Compile(
        TestCompile.Listener("name: l\naddress: { socket_address: { address: 127.0.0.1, port_value: 1 } }\nfilter_chains:\n" + string.Concat(chains)), previous, isDynamic: true);
}
