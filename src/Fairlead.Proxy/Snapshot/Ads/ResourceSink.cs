using Envoy.Config.Cluster.V3;
using Envoy.Config.Endpoint.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Xds.Json;
using Fairlead.Xds.Names;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>Turns the resources of a response into messages and hands them to the live configuration.</summary>
internal sealed class ResourceSink(LiveConfiguration live)
{
    public static readonly IReadOnlyList<string> Types = [TypeUrl.Cluster, TypeUrl.Endpoints, TypeUrl.Listener, TypeUrl.Routes];

    /// <summary>Called for every resource with its name, type URL and bytes, before it is used.</summary>
    public Action<string, string, ByteString> Inspect { get; set; } = static (_, _, _) => { };

    /// <summary>Called for every field of a file that no message declares: (file, finding).</summary>
    public Action<string, JsonFinding> Unknown { get; set; } = static (_, _) => { };

    /// <summary>Full state (CDS, LDS), or any part of it (EDS, RDS).</summary>
    public UpdateResult Replace(string typeUrl, IReadOnlyList<Any> resources, string version) => typeUrl switch
    {
        TypeUrl.Cluster => Parse(resources, typeUrl, Cluster.Parser.ParseFrom, cluster => cluster.Name, clusters => live.SetClusters(clusters, version)),
        TypeUrl.Listener => Parse(resources, typeUrl, Listener.Parser.ParseFrom, listener => listener.Name, listeners => live.SetListeners(listeners, version)),
        _ => Change(typeUrl, resources, [], version),
    };

    /// <summary>Some resources changed, some are gone.</summary>
    public UpdateResult Change(string typeUrl, IReadOnlyList<Any> changed, IReadOnlyList<string> removed, string version) => typeUrl switch
    {
        TypeUrl.Cluster => Parse(changed, typeUrl, Cluster.Parser.ParseFrom, cluster => cluster.Name, clusters => live.ChangeClusters(clusters, removed, version)),
        TypeUrl.Listener => Parse(changed, typeUrl, Listener.Parser.ParseFrom, listener => listener.Name, listeners => live.ChangeListeners(listeners, removed, version)),
        TypeUrl.Endpoints => Parse(
            changed,
            typeUrl,
            static bytes => new EndpointResource(bytes),
            assignment => assignment.Name,
            assignments => live.SetEndpoints([.. assignments, .. removed.Select(name => new EndpointResource(new ClusterLoadAssignment { ClusterName = name }))])),
        TypeUrl.Routes => Parse(changed, typeUrl, RouteConfiguration.Parser.ParseFrom, route => route.Name, routes => live.SetRoutes(routes, version)),
        _ => new UpdateResult([(typeUrl, "this type was not asked for")]),
    };

    /// <summary>The names to ask for at the moment.</summary>
    public IEnumerable<string> Names(string typeUrl) => typeUrl switch
    {
        TypeUrl.Endpoints => live.AdsEndpointNames,
        TypeUrl.Routes => live.AdsRouteNames,
        _ => [],
    };

    public static string Kind(string typeUrl) => typeUrl switch
    {
        TypeUrl.Cluster => "cluster",
        TypeUrl.Endpoints => "endpoint",
        TypeUrl.Listener => "listener",
        _ => "route",
    };

    private UpdateResult Parse<T>(
        IReadOnlyList<Any> resources, string typeUrl, Func<ByteString, T> read, Func<T, string> name, Func<IReadOnlyList<T>, UpdateResult> apply)
    {
        var messages = new List<T>(resources.Count);
        var errors = new List<(string, string)>();
        for (var i = 0; i < resources.Count; i++)
        {
            if (resources[i].TypeUrl != typeUrl)
            {
                errors.Add(($"resources[{i}]", $"is a {resources[i].TypeUrl}, not a {typeUrl}"));
                continue;
            }
            try
            {
                var message = read(resources[i].Value);
                Inspect(name(message), typeUrl, resources[i].Value);
                messages.Add(message);
            }
            catch (Exception e) when (e is InvalidProtocolBufferException or FormatException)
            {
                errors.Add(($"resources[{i}]", $"is not a valid {typeUrl}: {e.Message}"));
            }
        }
        // Nobody knows what these are the new state of: to apply the rest would remove it. Envoy refuses the whole response, too.
        return errors.Count == 0 ? apply(messages) : new UpdateResult(errors);
    }
}
