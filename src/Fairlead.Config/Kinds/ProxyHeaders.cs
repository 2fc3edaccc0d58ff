using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>Which headers a proxy adds and changes (Istio, <c>ProxyConfig.proxyHeaders</c> of <c>mesh/v1alpha1/proxy.proto</c>); the defaults are Istio's.</summary>
public sealed record ProxyHeaders
{
    public static ProxyHeaders Default { get; } = new();

    private static readonly string[] Unbuilt = ["forwardedClientCert", "setCurrentClientCertDetails", "preserveHttp1HeaderCase", "xForwardedHost", "xForwardedPort"];

    /// <summary><c>x-envoy-attempt-count</c> is sent.</summary>
    public bool AttemptCount { get; init; } = true;

    /// <summary><c>x-request-id</c> is made where a request has none.</summary>
    public bool RequestId { get; init; } = true;

    /// <summary>Responses get a <c>server</c> header of the proxy's; otherwise they keep what the server said.</summary>
    public bool Server { get; init; } = true;

    /// <summary>Of the <c>server</c> header; empty: <c>envoy</c> outbound, <c>istio-envoy</c> inbound.</summary>
    public string ServerName { get; init; } = "";

    /// <summary><c>x-envoy-upstream-service-time</c>, <c>x-envoy-expected-rq-timeout-ms</c> and the like are sent.</summary>
    public bool DebugHeaders { get; init; } = true;

    /// <summary>Peer metadata goes to members of the mesh only (<c>metadataExchangeHeaders.mode: IN_MESH</c>).</summary>
    public bool MetadataInMeshOnly { get; init; }

    /// <summary>What is set and does not act here.</summary>
    public ValueList<string> Unacted { get; init; } = [];

    /// <param name="node">The value of <c>proxyHeaders</c>; null where it is not given.</param>
    public static ProxyHeaders Read(JsonObject? node) => node is null ? Default : new()
    {
        AttemptCount = !node.Object("attemptCount").Flag("disabled"),
        RequestId = !node.Object("requestId").Flag("disabled"),
        Server = !node.Object("server").Flag("disabled"),
        ServerName = node.Object("server").Text("value"),
        DebugHeaders = !node.Object("envoyDebugHeaders").Flag("disabled"),
        MetadataInMeshOnly = node.Object("metadataExchangeHeaders").OptionalText("mode") == "IN_MESH",
        Unacted = node.Select(field => field.Key).Where(Unbuilt.Contains).Order(StringComparer.Ordinal).ToValueList(),
    };
}
