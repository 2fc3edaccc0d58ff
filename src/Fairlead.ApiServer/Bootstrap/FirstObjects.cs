using System.Text.Json.Nodes;
using Fairlead.ApiServer.Discovery;
using Fairlead.ApiServer.Pki;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Bootstrap;

/// <summary>
/// What a fresh cluster holds: the namespaces, the service accounts, the Services that others look for, Istio's mesh
/// configuration (demo profile: full trace sampling, no access log until a Telemetry asks) and Istio's CRDs. Objects that
/// are there already are left as they are, except those that describe this server itself.
/// </summary>
internal sealed class FirstObjects(ObjectStore store, ResourceWriter writer, ServerOptions options)
{
    private const string Creator = "bootstrap";

    private const string MeshConfig =
        """
        accessLogFile: ""
        defaultConfig:
          discoveryAddress: istiod.istio-system.svc:15012
          tracing:
            sampling: 100
        defaultProviders:
          metrics:
          - prometheus
        enablePrometheusMerge: true
        enableTracing: true
        outboundTrafficPolicy:
          mode: ALLOW_ANY
        rootNamespace: istio-system
        trustDomain: cluster.local

        """;

    public async Task StoreAsync(CancellationToken cancellation)
    {
        await NamespaceAsync("default", new JsonObject { ["istio-injection"] = "enabled" }, cancellation);
        await NamespaceAsync("kube-system", [], cancellation);
        await NamespaceAsync("istio-system", [], cancellation);
        foreach (var (ns, name) in ((string, string)[])[("default", "default"), ("kube-system", "default"), ("istio-system", "default"), ("istio-system", "istiod")])
            await EnsureAsync(KindTable.ServiceAccount, ns, name, [], cancellation);
        await ServicesAsync(cancellation);
        await EnsureAsync(KindTable.ConfigMap, "istio-system", "istio", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["istio.io/rev"] = "default" } },
            ["data"] = new JsonObject { ["mesh"] = MeshConfig, ["meshNetworks"] = "networks: {}" },
        }, cancellation);
        foreach (var kind in KindTable.All.Where(kind => kind.Group.EndsWith(".istio.io", StringComparison.Ordinal)))
            await EnsureAsync(KindTable.CustomResourceDefinition, "", kind.QualifiedResource, IstioDefinitions.Of(kind), cancellation);
    }

    private async Task ServicesAsync(CancellationToken cancellation)
    {
        await EnsureAsync(KindTable.Service, "default", "kubernetes", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["component"] = "apiserver", ["provider"] = "kubernetes" } },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = ClusterPki.ServiceAddress,
                ["ports"] = new JsonArray(Port("https", 443, options.PodListen?.Port ?? options.Listen.Port)),
            },
        }, cancellation);
        await OwnEndpointsAsync(cancellation);
        await EnsureAsync(KindTable.Service, "kube-system", "kube-dns", new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject { ["k8s-app"] = "kube-dns", ["kubernetes.io/cluster-service"] = "true", ["kubernetes.io/name"] = "CoreDNS" },
            },
            ["spec"] = new JsonObject
            {
                ["clusterIP"] = "10.96.0.10",
                ["ports"] = new JsonArray(Port("dns", 53, 53, "UDP"), Port("dns-tcp", 53, 53)),
            },
        }, cancellation);
        await EnsureAsync(KindTable.Endpoints, "kube-system", "kube-dns", new JsonObject
        {
            ["subsets"] = new JsonArray(new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["ip"] = Bridge }),
                ["ports"] = new JsonArray(EndpointPort("dns", 53, "UDP"), EndpointPort("dns-tcp", 53, "TCP")),
            }),
        }, cancellation);
        await EnsureAsync(KindTable.Service, "istio-system", "istiod", new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "istiod", ["istio"] = "pilot", ["istio.io/rev"] = "default" } },
            ["spec"] = new JsonObject
            {
                ["ports"] = new JsonArray(Port("grpc-xds", 15010, 15010), Port("https-dns", 15012, 15012), Port("https-webhook", 443, 15017), Port("http-monitoring", 15014, 15014)),
                ["selector"] = new JsonObject { ["app"] = "istiod", ["istio"] = "pilot" },
            },
        }, cancellation);
    }

    private string Bridge => options.PodListen?.Address.ToString() ?? "10.244.0.1";

    private static JsonObject Port(string name, int port, int target, string protocol = "TCP") =>
        new() { ["name"] = name, ["port"] = (long)port, ["targetPort"] = (long)target, ["protocol"] = protocol };

    private static JsonObject EndpointPort(string name, int port, string protocol) => new() { ["name"] = name, ["port"] = (long)port, ["protocol"] = protocol };

    /// <summary>Where this server listens may change between starts: its endpoints always say where it is now.</summary>
    private async Task OwnEndpointsAsync(CancellationToken cancellation)
    {
        var listen = options.PodListen ?? options.Listen;
        var subsets = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["ip"] = listen.Address.ToString() }),
            ["ports"] = new JsonArray(EndpointPort("https", listen.Port, "TCP")),
        });
        await EnsureAsync(KindTable.Endpoints, "default", "kubernetes", new JsonObject { ["subsets"] = subsets.DeepClone() }, cancellation);
        var request = ResourceRequest.Internal(Creator, KindTable.Endpoints, "default", "kubernetes", cancellation);
        var current = store.State.Find(request.Key)!.Read();
        if (JsonNode.DeepEquals(current.Root["subsets"], subsets))
            return;
        current.Root["subsets"] = subsets;
        await writer.UpdateAsync(request, current);
    }

    private Task NamespaceAsync(string name, JsonObject labels, CancellationToken cancellation) =>
        EnsureAsync(KindTable.Namespace, "", name, new JsonObject { ["metadata"] = new JsonObject { ["labels"] = labels } }, cancellation);

    private async Task EnsureAsync(KindDescriptor kind, string @namespace, string name, JsonObject body, CancellationToken cancellation)
    {
        var request = ResourceRequest.Internal(Creator, kind, @namespace, name, cancellation);
        if (store.State.Find(request.Key) is not null)
            return;
        var metadata = body.Ensure("metadata");
        metadata["name"] = name;
        if (kind.Namespaced)
            metadata["namespace"] = @namespace;
        body["apiVersion"] = kind.ApiVersion(kind.StorageVersion);
        body["kind"] = kind.Kind;
        var status = body["status"]?.DeepClone();
        var made = await writer.CreateAsync(request, new KubeObject(body));
        if (status is null)
            return;
        made.Root["status"] = status;
        await writer.UpdateAsync(request with { Subresource = "status" }, made);
    }
}
