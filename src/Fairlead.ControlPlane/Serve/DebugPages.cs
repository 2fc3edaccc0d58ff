using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Ingest;
using Fairlead.Xds.Names;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ControlPlane.Serve;

/// <summary>The pages under <c>/debug/</c>, by istiod's names: what is known, who is connected, what was sent.</summary>
internal sealed class DebugPages(ResourceStore store, DiscoveryHub hub, UnknownDestinations unknown)
{
    private static readonly string[] Names =
    [
        "adsz", "config_distribution", "config_dump", "configz", "connections", "endpointz", "list", "push_status", "registryz", "syncz", "unknown_destinations",
    ];

    /// <summary>The page, or null when there is none of that name.</summary>
    public JsonNode? Render(string name, IQueryCollection query) => name switch
    {
        "list" => new JsonArray([.. Names.Select(page => (JsonNode)page)]),
        "syncz" or "adsz" or "connections" => Sync(),
        "registryz" => Registry(),
        "endpointz" => Endpoints(),
        "configz" => Config(),
        "config_dump" => Dump(query["proxyID"].ToString()),
        "push_status" => PushStatus(),
        "unknown_destinations" => Unknown(),
        "config_distribution" => Distribution(query["kind"].ToString(), query["namespace"].ToString(), query["name"].ToString()),
        _ => null,
    };

    private JsonArray Sync()
    {
        var proxies = new JsonArray();
        foreach (var session in Ordered())
        {
            var types = new JsonArray();
            foreach (var type in session.Report())
            {
                types.Add(new JsonObject
                {
                    ["type"] = type.Type,
                    ["state"] = type.State,
                    ["reason"] = type.Reason,
                    ["sentVersion"] = type.SentVersion,
                    ["acceptedVersion"] = type.AcceptedVersion,
                    ["names"] = type.Names,
                    ["sentBytes"] = type.SentBytes,
                });
            }
            proxies.Add(new JsonObject
            {
                ["proxy"] = $"{session.Proxy!.Pod}.{session.Proxy.Namespace}",
                ["nodeId"] = session.Proxy.Id,
                ["connectionId"] = session.ConnectionId,
                ["connectedAt"] = Text(session.ConnectedAt),
                ["cluster"] = session.Proxy.Metadata.TryGetValue("CLUSTER_ID", out var cluster) ? cluster : "Kubernetes",
                ["version"] = session.ProxyVersion,
                ["protocol"] = session.IsDelta ? "delta" : "state-of-the-world",
                ["resourceVersion"] = session.Settled?.Snapshot.Version ?? 0,
                ["types"] = types,
            });
        }
        return proxies;
    }

    private JsonArray Registry()
    {
        var services = new JsonArray();
        foreach (var service in hub.Current?.Snapshot.Services.Services ?? [])
        {
            services.Add(new JsonObject
            {
                ["hostname"] = service.Host,
                ["namespace"] = service.Namespace,
                ["address"] = service.Address,
                ["registry"] = service.Registry.ToString(),
                ["discovery"] = service.Discovery.ToString(),
                ["external"] = service.External,
                ["source"] = service.Source.ToString(),
                ["ports"] = new JsonArray([.. service.Ports.Select(port => (JsonNode)new JsonObject
                {
                    ["port"] = port.Number, ["name"] = port.Name, ["protocol"] = port.Protocol.ToString(),
                })]),
            });
        }
        return services;
    }

    private JsonArray Endpoints()
    {
        var entries = new JsonArray();
        if (hub.Current?.Snapshot is not { } snapshot)
            return entries;
        foreach (var service in snapshot.Services.Services)
        {
            entries.Add(new JsonObject
            {
                ["service"] = service.Host,
                ["namespace"] = service.Namespace,
                ["endpoints"] = new JsonArray([.. snapshot.Endpoints.Of(service.Namespace, service.Host).Select(endpoint => (JsonNode)new JsonObject
                {
                    ["address"] = endpoint.Address, ["port"] = endpoint.Port, ["servicePort"] = endpoint.ServicePort, ["healthy"] = endpoint.Healthy, ["weight"] = endpoint.Weight,
                })]),
            });
        }
        return entries;
    }

    private JsonArray Config()
    {
        var view = store.View;
        return new JsonArray([.. KindTable.All.Where(kind => kind.Group.EndsWith(".istio.io", StringComparison.Ordinal))
            .SelectMany(view.All).Select(target => (JsonNode)target.Root.DeepClone())]);
    }

    /// <summary>What a proxy was sent, in the shape of Envoy's own dump as far as the control plane knows it; null pages become an error object.</summary>
    private JsonObject Dump(string proxy)
    {
        var session = Ordered().FirstOrDefault(session => $"{session.Proxy!.Pod}.{session.Proxy.Namespace}" == proxy || session.Proxy.Id == proxy);
        if (session is null)
            return new JsonObject { ["error"] = $"no proxy '{proxy}' is connected; see /debug/syncz" };
        return new JsonObject
        {
            ["configs"] = new JsonArray(
                DumpOf(session, TypeUrl.Cluster, "ClustersConfigDump", "dynamic_active_clusters", "cluster"),
                DumpOf(session, TypeUrl.Listener, "ListenersConfigDump", "dynamic_listeners", "listener"),
                DumpOf(session, TypeUrl.Routes, "RoutesConfigDump", "dynamic_route_configs", "route_config"),
                DumpOf(session, TypeUrl.Endpoints, "EndpointsConfigDump", "dynamic_endpoint_configs", "endpoint_config")),
        };
    }

    private static JsonObject DumpOf(ProxySession session, string typeUrl, string dump, string list, string field)
    {
        var entries = new JsonArray();
        foreach (var resource in session.Held(typeUrl))
        {
            var body = XdsJson.Read(resource);
            body["@type"] = typeUrl;
            entries.Add(list == "dynamic_listeners"
                ? new JsonObject { ["name"] = resource.Name, ["active_state"] = new JsonObject { ["version_info"] = resource.Version, [field] = body } }
                : new JsonObject { ["version_info"] = resource.Version, [field] = body });
        }
        return new JsonObject { ["@type"] = $"type.googleapis.com/envoy.admin.v3.{dump}", [list] = entries };
    }

    private JsonObject PushStatus() => new()
    {
        ["number"] = hub.Current?.Number ?? 0,
        ["resourceVersion"] = hub.Current?.Snapshot.Version ?? 0,
        ["viewVersion"] = store.View.Version,
        ["proxies"] = hub.Sessions.Count,
        ["findings"] = new JsonArray([.. (hub.Current?.Snapshot.Findings ?? []).Select(finding => (JsonNode)finding.ToString())]),
    };

    /// <summary>For <c>fairlead wait</c>: which state of the store holds an object, and up to which state each proxy has answered.</summary>
    private JsonObject Distribution(string kindName, string ns, string name)
    {
        var kind = KindTable.All.FirstOrDefault(kind => string.Equals(kind.Kind, kindName, StringComparison.OrdinalIgnoreCase));
        if (kind is null)
            return new JsonObject { ["error"] = $"'{kindName}' is no kind that is distributed" };
        var view = store.View;
        return new JsonObject
        {
            ["found"] = view.Find(kind, ns, name) is not null,
            ["generation"] = view.Find(kind, ns, name)?.Generation ?? 0,
            ["uid"] = view.Find(kind, ns, name)?.Uid ?? "",
            ["viewVersion"] = view.Version,
            ["proxies"] = new JsonArray([.. Ordered().Select(session => (JsonNode)new JsonObject
            {
                ["proxy"] = $"{session.Proxy!.Pod}.{session.Proxy.Namespace}",
                ["resourceVersion"] = session.Settled?.Snapshot.Version ?? 0,
                ["rejections"] = new JsonArray([.. session.Report().Where(type => type.Reason.Length > 0).Select(type => (JsonNode)$"{type.Type}: {type.Reason}")]),
            })]),
        };
    }

    private JsonArray Unknown() => new([.. unknown.All().Select(seen => (JsonNode)new JsonObject
    {
        ["workload"] = seen.Workload,
        ["host"] = seen.Host,
        ["address"] = seen.Address,
        ["protocol"] = seen.Protocol,
        ["blocked"] = seen.Blocked,
        ["count"] = seen.Count,
        ["firstSeen"] = Text(seen.FirstSeen),
        ["lastSeen"] = Text(seen.LastSeen),
    })]);

    private static string Text(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    private IEnumerable<ProxySession> Ordered() =>
        hub.Sessions.Where(session => session.Proxy is not null).OrderBy(session => session.Proxy!.Id, StringComparer.Ordinal);
}
