using System.Text.Json;
using System.Text.RegularExpressions;
using Envoy.Admin.V3;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Xds.Json;
using Fairlead.Xds.Names;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Admin;

/// <summary>
/// /config_dump: envoy.admin.v3.ConfigDump with bootstrap, clusters, endpoints (when asked), listeners and routes; beside them, in
/// unsupported_fields, what of all this has no effect. (istioctl and Envoy's own readers pass over fields that they do not know.)
/// </summary>
internal static class ConfigDumpPage
{
    public static AdminResponse Render(ProxySettings settings, LiveConfiguration live, IReadOnlyDictionary<string, string> unsupported, AdminRequest request)
    {
        Regex? filter;
        try
        {
            filter = request["name_regex"] is { Length: > 0 } pattern ? new Regex(pattern, RegexOptions.NonBacktracking) : null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return AdminResponse.Text($"Error while parsing name_regex: {e.Message}\n", 400);
        }
        if (request["mask"] is not null) return AdminResponse.Text("mask is not supported\n", 400);
        var dump = new ConfigDump();
        dump.Configs.Add(Any("BootstrapConfigDump", new BootstrapConfigDump { Bootstrap = settings.Bootstrap }));
        dump.Configs.Add(Any("ClustersConfigDump", Clusters(live, filter)));
        if (request.Query.ContainsKey("include_eds")) dump.Configs.Add(Any("EndpointsConfigDump", Endpoints(live, filter)));
        dump.Configs.Add(Any("ListenersConfigDump", Listeners(live, filter)));
        dump.Configs.Add(Any("RoutesConfigDump", Routes(live, filter)));
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            ProtoToJson.WriteFields(writer, "envoy.admin.v3.ConfigDump", dump.ToByteArray());
            if (unsupported.Count > 0) WriteUnsupported(writer, unsupported);
            writer.WriteEndObject();
        }
        return AdminResponse.Json(stream.ToArray());
    }

    /// <summary>"message.field" to the resource that had it first.</summary>
    private static void WriteUnsupported(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> fields)
    {
        writer.WriteStartObject("unsupported_fields");
        foreach (var (field, resource) in fields) writer.WriteString(field, resource);
        writer.WriteEndObject();
    }

    private static Any Any(string name, IMessage message) => Pack(TypeUrl.Prefix + "envoy.admin.v3." + name, message);

    private static Any Pack(string typeUrl, IMessage message) => new() { TypeUrl = typeUrl, Value = message.ToByteString() };

    private static bool Matches(Regex? filter, string name) => filter is null || filter.IsMatch(name);

    private static ClustersConfigDump Clusters(LiveConfiguration live, Regex? filter)
    {
        var dump = new ClustersConfigDump();
        foreach (var entry in live.ActiveClusters.Where(entry => Matches(filter, entry.Name)).OrderBy(entry => entry.Name, StringComparer.Ordinal))
        {
            var cluster = Pack(TypeUrl.Cluster, entry.Declared);
            var updated = Timestamp.FromDateTimeOffset(entry.Updated);
            if (!entry.Compiled.Config.IsDynamic) dump.StaticClusters.Add(new ClustersConfigDump.Types.StaticCluster { Cluster = cluster, LastUpdated = updated });
            else dump.DynamicActiveClusters.Add(new ClustersConfigDump.Types.DynamicCluster { VersionInfo = entry.Version, Cluster = cluster, LastUpdated = updated });
            if (entry.Compiled.Config.IsDynamic) dump.VersionInfo = entry.Version;
        }
        foreach (var entry in live.WarmingClusters.Where(entry => Matches(filter, entry.Name)))
        {
            dump.DynamicWarmingClusters.Add(new ClustersConfigDump.Types.DynamicCluster
            {
                VersionInfo = entry.Version,
                Cluster = Pack(TypeUrl.Cluster, entry.Declared),
                LastUpdated = Timestamp.FromDateTimeOffset(entry.Updated),
            });
        }
        return dump;
    }

    private static EndpointsConfigDump Endpoints(LiveConfiguration live, Regex? filter)
    {
        var dump = new EndpointsConfigDump();
        foreach (var (name, assignment) in live.Assignments.Where(pair => Matches(filter, pair.Key)))
        {
            dump.DynamicEndpointConfigs.Add(new EndpointsConfigDump.Types.DynamicEndpointConfig { EndpointConfig = new Any { TypeUrl = TypeUrl.Endpoints, Value = assignment.Bytes } });
        }
        return dump;
    }

    private static ListenersConfigDump Listeners(LiveConfiguration live, Regex? filter)
    {
        var dump = new ListenersConfigDump();
        var warming = live.WarmingListeners.ToDictionary(entry => entry.Declared.Name, StringComparer.Ordinal);
        var dynamic = new SortedDictionary<string, ListenersConfigDump.Types.DynamicListener>(StringComparer.Ordinal);
        foreach (var entry in live.ActiveListeners.Where(entry => Matches(filter, entry.Declared.Name)))
        {
            if (!entry.Compiled.IsDynamic)
            {
                dump.StaticListeners.Add(new ListenersConfigDump.Types.StaticListener
                {
                    Listener = Pack(TypeUrl.Listener, entry.Declared),
                    LastUpdated = Timestamp.FromDateTimeOffset(entry.Updated),
                });
                continue;
            }
            dump.VersionInfo = entry.Version;
            dynamic[entry.Declared.Name] = new ListenersConfigDump.Types.DynamicListener { Name = entry.Declared.Name, ActiveState = State(entry) };
        }
        foreach (var entry in warming.Values.Where(entry => Matches(filter, entry.Declared.Name)))
        {
            if (!dynamic.TryGetValue(entry.Declared.Name, out var listener))
            {
                dynamic[entry.Declared.Name] = listener = new ListenersConfigDump.Types.DynamicListener { Name = entry.Declared.Name };
            }
            listener.WarmingState = State(entry);
        }
        dump.DynamicListeners.Add(dynamic.Values);
        return dump;
    }

    private static ListenersConfigDump.Types.DynamicListenerState State(ListenerEntry entry) => new()
    {
        VersionInfo = entry.Version,
        Listener = Pack(TypeUrl.Listener, entry.Declared),
        LastUpdated = Timestamp.FromDateTimeOffset(entry.Updated),
    };

    private static RoutesConfigDump Routes(LiveConfiguration live, Regex? filter)
    {
        var dump = new RoutesConfigDump();
        foreach (var entry in live.Routes.Where(entry => Matches(filter, entry.Declared.Name)).OrderBy(entry => entry.Declared.Name, StringComparer.Ordinal))
        {
            dump.DynamicRouteConfigs.Add(new RoutesConfigDump.Types.DynamicRouteConfig
            {
                VersionInfo = entry.Version,
                RouteConfig = Pack(TypeUrl.Routes, entry.Declared),
                LastUpdated = Timestamp.FromDateTimeOffset(entry.Updated),
            });
        }
        return dump;
    }
}
