using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Telemetry.Logging;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Xds.Json;
using Google.Protobuf;

namespace Fairlead.Proxy.Tests.Snapshot;

/// <summary>YAML to messages and a context to compile them in.</summary>
internal static class TestCompile
{
    public static CompileContext Context(StatRegistry? stats = null) => new()
    {
        Stats = stats ?? new StatRegistry(),
        Formats = new LogFormatCompiler(new OperatorEnvironment(TimeProvider.System, static () => "host", static _ => null)),
        PeerId = "id"u8.ToArray(),
        PeerMetadata = "metadata"u8.ToArray(),
        ReadFile = static path => throw new IOException($"no file {path}"),
        ReadEnvironment = static _ => null,
    };

    public static T Message<T>(string yaml, string name, MessageParser<T> parser)
        where T : class, IMessage<T> => Message(YamlText.Parse(yaml), name, parser);

    public static T Message<T>(ConfigNode node, string name, MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        var reader = new JsonToProto(ProtoSchema.Default);
        var message = reader.Convert(name, parser, node);
        reader.Findings.ShouldBeEmpty();
        return message!;
    }

    public static Envoy.Config.Cluster.V3.Cluster Cluster(string yaml) =>
        Message(yaml, "envoy.config.cluster.v3.Cluster", Envoy.Config.Cluster.V3.Cluster.Parser);

    public static Envoy.Config.Listener.V3.Listener Listener(string yaml) =>
        Message(yaml, "envoy.config.listener.v3.Listener", Envoy.Config.Listener.V3.Listener.Parser);

    public static Envoy.Config.Route.V3.RouteConfiguration Routes(string yaml) =>
        Message(yaml, "envoy.config.route.v3.RouteConfiguration", Envoy.Config.Route.V3.RouteConfiguration.Parser);

    public static EndpointResource Endpoints(string yaml) =>
        new(Message(yaml, "envoy.config.endpoint.v3.ClusterLoadAssignment", Envoy.Config.Endpoint.V3.ClusterLoadAssignment.Parser));
}
