using Google.Protobuf;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>
/// Has the runtime load the messages that most configurations hold, on a thread of its own while another one reads the bootstrap: some
/// 3,000 types (each message brings its interfaces and its parser, each list of one thirty more), 15 ms of a start (docs/decisions/0108).
/// </summary>
internal static class MessageTypes
{
    public static void Load()
    {
        _ = Xds.Json.ProtoSchema.Default;
        Parse(Envoy.Config.Bootstrap.V3.Bootstrap.Parser);
        Parse(Envoy.Config.Bootstrap.V3.Bootstrap.Types.StaticResources.Parser);
        Parse(Envoy.Config.Listener.V3.Listener.Parser);
        Parse(Envoy.Config.Listener.V3.FilterChain.Parser);
        Parse(Envoy.Config.Cluster.V3.Cluster.Parser);
        Parse(Envoy.Config.Endpoint.V3.ClusterLoadAssignment.Parser);
        Parse(Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Parser);
        Parse(Envoy.Config.Route.V3.RouteConfiguration.Parser);
        Parse(Envoy.Config.Route.V3.VirtualHost.Parser);
        Parse(Envoy.Config.Route.V3.Route.Parser);
        Parse(Envoy.Config.Route.V3.RouteAction.Parser);
    }

    private static void Parse<T>(MessageParser<T> parser) where T : IMessage<T> => parser.ParseFrom(ByteString.Empty);
}
