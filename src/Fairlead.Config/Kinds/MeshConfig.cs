using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;
using Fairlead.Config.Reading;

namespace Fairlead.Config.Kinds;

/// <summary>
/// Mesh-wide settings (Istio, <c>mesh/v1alpha1/config.proto</c>), with Istio's defaults: key <c>mesh</c> of the ConfigMap
/// <c>istio</c> in the root namespace, or a file.
/// </summary>
public sealed record MeshConfig
{
    public const string ConfigMapName = "istio";
    public const string ConfigMapKey = "mesh";

    public static MeshConfig Default { get; } = new();

    public OutboundTrafficMode OutboundTrafficMode { get; init; } = OutboundTrafficMode.AllowAny;

    /// <summary>TLS towards unknown hosts, under ALLOW_ANY_DYNAMIC_DNS only.</summary>
    public ClientTls? OutboundTrafficTls { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Pause after a failed look-up; successful ones follow the record's TTL.</summary>
    public TimeSpan DnsRefreshRate { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Zero waits for the first bytes without end.</summary>
    public TimeSpan ProtocolDetectionTimeout { get; init; }

    /// <summary>Empty: no access log from here.</summary>
    public string AccessLogFile { get; init; } = "";

    /// <summary>Empty: Istio's format.</summary>
    public string AccessLogFormat { get; init; } = "";

    /// <summary>TEXT or JSON.</summary>
    public string AccessLogEncoding { get; init; } = "TEXT";

    public bool DisableEnvoyListenerLog { get; init; }
    public ValueList<string> DefaultServiceExportTo { get; init; } = ["*"];
    public ValueList<string> DefaultVirtualServiceExportTo { get; init; } = ["*"];
    public ValueList<string> DefaultDestinationRuleExportTo { get; init; } = ["*"];
    public string RootNamespace { get; init; } = "istio-system";
    public string TrustDomain { get; init; } = "cluster.local";

    /// <summary>Null: the built-in policy (2 attempts on connect failure, refused stream, unavailable, cancelled, retriable codes).</summary>
    public HttpRetry? DefaultHttpRetryPolicy { get; init; }

    public bool EnableAutoMtls { get; init; } = true;

    /// <summary>UPGRADE or DO_NOT_UPGRADE.</summary>
    public string H2UpgradePolicy { get; init; } = "DO_NOT_UPGRADE";

    public LocalityLoadBalancing LocalityLbSetting { get; init; } = new() { Enabled = true };
    public TcpKeepalive? TcpKeepalive { get; init; }
    public string OutboundClusterStatName { get; init; } = "";

    /// <summary>DEFAULT, NONE, BASE, MERGE_SLASHES or DECODE_AND_MERGE_SLASHES.</summary>
    public string PathNormalization { get; init; } = "DEFAULT";

    public int ProxyListenPort { get; init; } = 15001;
    public int ProxyInboundListenPort { get; init; } = 15006;

    /// <summary>0: no forward-proxy listener.</summary>
    public int ProxyHttpPort { get; init; }

    public bool EnablePrometheusMerge { get; init; } = true;

    /// <summary>Namespaces that count; empty means all.</summary>
    public ValueList<LabelSelector> DiscoverySelectors { get; init; } = ValueList<LabelSelector>.Empty;

    public ValueList<ExtensionProvider> ExtensionProviders { get; init; } = ValueList<ExtensionProvider>.Empty;
    public ValueList<string> DefaultAccessLogProviders { get; init; } = ValueList<string>.Empty;
    public ValueList<string> DefaultMetricsProviders { get; init; } = ValueList<string>.Empty;
    public ValueList<string> DefaultTracingProviders { get; init; } = ValueList<string>.Empty;
    public ProxySettings DefaultConfig { get; init; } = new();

    /// <summary>Reads the YAML text of the key <c>mesh</c> or of a file; the defaults, with a fault, when it is no mapping.</summary>
    public static MeshConfig Parse(string yaml, out ReadFault? fault) =>
        new YamlReader().ReadMapping(yaml, "", out fault) is { } node ? Read(node) : Default;

    /// <summary>Reads the tree of the key <c>mesh</c>.</summary>
    public static MeshConfig Read(JsonObject node) => new()
    {
        OutboundTrafficMode = node.Object("outboundTrafficPolicy") is { } policy ? OutboundTrafficPolicy.Read(policy).Mode : OutboundTrafficMode.AllowAny,
        OutboundTrafficTls = node.Object("outboundTrafficPolicy").Optional("tls", ClientTls.Read),
        ConnectTimeout = node.OptionalDuration("connectTimeout") ?? TimeSpan.FromSeconds(10),
        DnsRefreshRate = node.OptionalDuration("dnsRefreshRate") ?? TimeSpan.FromSeconds(60),
        ProtocolDetectionTimeout = node.OptionalDuration("protocolDetectionTimeout") ?? TimeSpan.Zero,
        AccessLogFile = node.Text("accessLogFile"),
        AccessLogFormat = node.Text("accessLogFormat"),
        AccessLogEncoding = node.Enumerated("accessLogEncoding", "TEXT", "JSON") == 1 ? "JSON" : "TEXT",
        DisableEnvoyListenerLog = node.Flag("disableEnvoyListenerLog"),
        DefaultServiceExportTo = ExportTo(node, "defaultServiceExportTo"),
        DefaultVirtualServiceExportTo = ExportTo(node, "defaultVirtualServiceExportTo"),
        DefaultDestinationRuleExportTo = ExportTo(node, "defaultDestinationRuleExportTo"),
        RootNamespace = NonEmpty(node, "rootNamespace", "istio-system"),
        TrustDomain = NonEmpty(node, "trustDomain", "cluster.local"),
        DefaultHttpRetryPolicy = node.Optional("defaultHttpRetryPolicy", HttpRetry.Read),
        EnableAutoMtls = node.OptionalFlag("enableAutoMtls") ?? true,
        H2UpgradePolicy = node.Enumerated("h2UpgradePolicy", "DO_NOT_UPGRADE", "UPGRADE") == 1 ? "UPGRADE" : "DO_NOT_UPGRADE",
        LocalityLbSetting = node.Optional("localityLbSetting", LocalityLoadBalancing.Read) ?? new() { Enabled = true },
        TcpKeepalive = node.Optional("tcpKeepalive", Kinds.TcpKeepalive.Read),
        OutboundClusterStatName = node.Text("outboundClusterStatName"),
        PathNormalization = node.Object("pathNormalization") is { } path ? NonEmpty(path, "normalization", "DEFAULT") : "DEFAULT",
        ProxyListenPort = node.OptionalInt("proxyListenPort") ?? 15001,
        ProxyInboundListenPort = node.OptionalInt("proxyInboundListenPort") ?? 15006,
        ProxyHttpPort = node.Int("proxyHttpPort"),
        EnablePrometheusMerge = node.OptionalFlag("enablePrometheusMerge") ?? true,
        DiscoverySelectors = node.List("discoverySelectors", item => LabelSelector.Read(item)!),
        ExtensionProviders = node.List("extensionProviders", ExtensionProvider.Read),
        DefaultAccessLogProviders = node.Object("defaultProviders").TextList("accessLogging"),
        DefaultMetricsProviders = node.Object("defaultProviders").TextList("metrics"),
        DefaultTracingProviders = node.Object("defaultProviders").TextList("tracing"),
        DefaultConfig = ProxySettings.Read(node.Object("defaultConfig")),
    };

    private static ValueList<string> ExportTo(JsonObject node, string field) =>
        node.TextList(field) is { Count: > 0 } given ? given : ["*"];

    private static string NonEmpty(JsonObject node, string field, string fallback) =>
        node.Text(field) is { Length: > 0 } given ? given : fallback;
}

/// <summary>A named telemetry or authorization back end; <paramref name="Type"/> is the JSON name of its settings (<c>envoyFileAccessLog</c> ...).</summary>
public sealed record ExtensionProvider(string Name, string Type)
{
    /// <summary>File access logs: the path; empty for others.</summary>
    public string Path { get; init; } = "";

    /// <summary>File access logs: a text format, empty for Istio's.</summary>
    public string TextFormat { get; init; } = "";

    /// <summary>File access logs: JSON fields by name; null when the format is text.</summary>
    public ValueMap<string>? JsonFormat { get; init; }

    public string Service { get; init; } = "";
    public int Port { get; init; }

    public static ExtensionProvider Read(JsonObject node)
    {
        var settings = node.FirstOrDefault(field => field is { Key: not "name", Value: JsonObject });
        var body = settings.Value as JsonObject;
        return new ExtensionProvider(node.Text("name"), settings.Key ?? "")
        {
            Path = body.Text("path"),
            TextFormat = body.Object("logFormat").Text("text"),
            JsonFormat = body.Object("logFormat").Object("labels") is null ? null : body.Object("logFormat").TextMap("labels"),
            Service = body.Text("service"),
            Port = body.Int("port"),
        };
    }
}

/// <summary>
/// Settings of one proxy: <c>defaultConfig</c>, over which a pod's annotation <c>proxy.istio.io/config</c> is laid field by field.
/// Null: not given here.
/// </summary>
public sealed record ProxySettings
{
    public const string Annotation = "proxy.istio.io/config";

    public ValueMap<string> ProxyMetadata { get; init; } = ValueMap<string>.Empty;

    /// <summary>REDIRECT, TPROXY or NONE.</summary>
    public string? InterceptionMode { get; init; }

    public int? Concurrency { get; init; }
    public bool? HoldApplicationUntilProxyStarts { get; init; }
    public TimeSpan? DrainDuration { get; init; }
    public TimeSpan? TerminationDrainDuration { get; init; }
    public int? StatusPort { get; init; }
    public int? ProxyAdminPort { get; init; }
    public string? DiscoveryAddress { get; init; }

    /// <summary>Percent of requests that are traced; null: Istio's 1.</summary>
    public double? TracingSampling { get; init; }

    public ProxyHeaders? Headers { get; init; }

    /// <summary>Everything as written, for what is handed to the proxy unread.</summary>
    public string Json { get; init; } = "{}";

    public static ProxySettings Read(JsonObject? node) => node is null ? new() : new()
    {
        ProxyMetadata = node.TextMap("proxyMetadata"),
        InterceptionMode = node.OptionalText("interceptionMode"),
        Concurrency = node.OptionalInt("concurrency"),
        HoldApplicationUntilProxyStarts = node.OptionalFlag("holdApplicationUntilProxyStarts"),
        DrainDuration = node.OptionalDuration("drainDuration"),
        TerminationDrainDuration = node.OptionalDuration("terminationDrainDuration"),
        StatusPort = node.OptionalInt("statusPort"),
        ProxyAdminPort = node.OptionalInt("proxyAdminPort"),
        DiscoveryAddress = node.OptionalText("discoveryAddress"),
        TracingSampling = node.Object("tracing").OptionalNumber("sampling"),
        Headers = node.Object("proxyHeaders") is { } headers ? ProxyHeaders.Read(headers) : null,
        Json = node.ToJsonString(JsonText.Relaxed),
    };

    /// <summary>These settings with every one that <paramref name="over"/> gives replaced; metadata is merged by key.</summary>
    public ProxySettings Overlay(ProxySettings over) => new()
    {
        ProxyMetadata = ProxyMetadata.Concat(over.ProxyMetadata).ToValueMap(),
        InterceptionMode = over.InterceptionMode ?? InterceptionMode,
        Concurrency = over.Concurrency ?? Concurrency,
        HoldApplicationUntilProxyStarts = over.HoldApplicationUntilProxyStarts ?? HoldApplicationUntilProxyStarts,
        DrainDuration = over.DrainDuration ?? DrainDuration,
        TerminationDrainDuration = over.TerminationDrainDuration ?? TerminationDrainDuration,
        StatusPort = over.StatusPort ?? StatusPort,
        ProxyAdminPort = over.ProxyAdminPort ?? ProxyAdminPort,
        DiscoveryAddress = over.DiscoveryAddress ?? DiscoveryAddress,
        TracingSampling = over.TracingSampling ?? TracingSampling,
        Headers = over.Headers ?? Headers,
        Json = over.Json == "{}" ? Json : over.Json,
    };
}
