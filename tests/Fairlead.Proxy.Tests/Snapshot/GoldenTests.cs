using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Tests.Snapshot;

public sealed class GoldenTests
{
    /// <summary>Parts of refusals that the sidecar owes its users by name until it has the feature.</summary>
    private static readonly string[] KnownRefusals =
        ["mirroring is not supported", "transport_socket", "RingHash", "Maglev", "hash_policy", "HTTP/2", "fault injection", "pipes"];

    public static TheoryData<string> Cases => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Golden"), "*.out.yaml").Select(path => Path.GetFileName(path))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_control_plane_sends_compiles(string file)
    {
        var document = (ConfigNode.Map)YamlText.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", file)));
        var context = TestCompile.Context();
        var refusals = new List<string>();
        Each("clusters", node => new ClusterCompiler(context).Compile(
            TestCompile.Message(node, "envoy.config.cluster.v3.Cluster", Envoy.Config.Cluster.V3.Cluster.Parser), true));
        Each("listeners", node => new ListenerCompiler(context).Compile(
            TestCompile.Message(node, "envoy.config.listener.v3.Listener", Envoy.Config.Listener.V3.Listener.Parser), null, true));
        Each("routes", node => new RouteCompiler(context).Compile(
            TestCompile.Message(node, "envoy.config.route.v3.RouteConfiguration", Envoy.Config.Route.V3.RouteConfiguration.Parser)));
        Each("endpoints", node => EndpointCompiler.Compile(
            new EndpointResource(TestCompile.Message(node, "envoy.config.endpoint.v3.ClusterLoadAssignment", Envoy.Config.Endpoint.V3.ClusterLoadAssignment.Parser)), null, "e"));
        refusals.Where(refusal => !KnownRefusals.Any(known => refusal.Contains(known, StringComparison.Ordinal))).ShouldBeEmpty();

        void Each(string kind, Action<ConfigNode> compile)
        {
            foreach (var item in (document[kind] as ConfigNode.List)?.Items ?? [])
            {
                if (((ConfigNode.Map)item)["absent"] is not null) continue; // the case says that this name is not sent
                try
                {
                    compile(item);
                }
                catch (ConfigException e)
                {
                    refusals.Add(e.Message);
                }
            }
        }
    }
}
