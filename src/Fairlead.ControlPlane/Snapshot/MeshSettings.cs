using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// A named destination of telemetry (MeshConfig.extensionProviders); only Envoy's file log is acted on.
/// <c>Kind</c>: The provider's field, such as <c>envoyFileAccessLog</c>.
/// </summary>
public sealed record TelemetryProvider(string Name, string Kind, AccessLogSink? FileLog);

/// <summary>What MeshConfig says that shapes proxies; defaults are Istio's (<c>pkg/config/mesh/mesh.go</c>).</summary>
public sealed record MeshSettings
{
    private const string FileLogType = "envoyFileAccessLog";
    private const string StandardOutput = "/dev/stdout";

    public static MeshSettings Default { get; } = new();

    public string RootNamespace { get; init; } = "istio-system";
    public string DomainSuffix { get; init; } = "cluster.local";
    public string ClusterId { get; init; } = "Kubernetes";
    public OutboundTrafficMode OutboundTraffic { get; init; } = OutboundTrafficMode.AllowAny;
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);
    public TimeSpan DnsRefreshRate { get; init; } = TimeSpan.FromSeconds(60);
    public ValueList<string> DefaultServiceExportTo { get; init; } = ["*"];
    public ValueList<string> DefaultVirtualServiceExportTo { get; init; } = ["*"];
    public ValueList<string> DefaultDestinationRuleExportTo { get; init; } = ["*"];

    /// <summary>Null: Istio's built-in policy.</summary>
    public HttpRetry? DefaultRetries { get; init; }

    /// <summary>Log without Telemetry; null when <c>accessLogFile</c> is empty.</summary>
    public AccessLogSink? AccessLog { get; init; }

    /// <summary>Providers used where Telemetry names none.</summary>
    public ValueList<string> DefaultAccessLogProviders { get; init; } = [];

    public bool ListenerLogDisabled { get; init; }
    public bool H2Upgrade { get; init; }
    public double TracingSampling { get; init; } = 1;
    public ProxyHeaders Headers { get; init; } = ProxyHeaders.Default;
    public ValueList<TelemetryProvider> Providers { get; init; } = BuiltInProviders;

    private static ValueList<TelemetryProvider> BuiltInProviders =>
    [
        new("prometheus", "prometheus", null),
        new("stackdriver", "stackdriver", null),
        new("envoy", FileLogType, new AccessLogSink(StandardOutput, AccessLogFormats.Text, "")),
    ];

    /// <summary>Names are compared without case; a provider of the mesh's own replaces a built-in one.</summary>
    public TelemetryProvider? Provider(string name) =>
        Providers.FirstOrDefault(provider => string.Equals(provider.Name, name, StringComparison.OrdinalIgnoreCase));

    public static MeshSettings Of(MeshConfig mesh) => new()
    {
        RootNamespace = mesh.RootNamespace,
        OutboundTraffic = mesh.OutboundTrafficMode,
        ConnectTimeout = mesh.ConnectTimeout,
        DnsRefreshRate = mesh.DnsRefreshRate,
        DefaultServiceExportTo = mesh.DefaultServiceExportTo,
        DefaultVirtualServiceExportTo = mesh.DefaultVirtualServiceExportTo,
        DefaultDestinationRuleExportTo = mesh.DefaultDestinationRuleExportTo,
        DefaultRetries = mesh.DefaultHttpRetryPolicy,
        AccessLog = mesh.AccessLogFile.Length == 0 ? null : FallbackLog(mesh),
        DefaultAccessLogProviders = mesh.DefaultAccessLogProviders,
        ListenerLogDisabled = mesh.DisableEnvoyListenerLog,
        H2Upgrade = mesh.H2UpgradePolicy == "UPGRADE",
        TracingSampling = mesh.DefaultConfig.TracingSampling ?? Default.TracingSampling,
        Headers = mesh.DefaultConfig.Headers ?? ProxyHeaders.Default,
        Providers = mesh.ExtensionProviders.Select(ProviderOf).Concat(BuiltInProviders).ToValueList(),
    };

    private static AccessLogSink FallbackLog(MeshConfig mesh) => mesh.AccessLogEncoding == "JSON"
        ? new AccessLogSink(mesh.AccessLogFile, "", AccessLogFormats.JsonFrom(mesh.AccessLogFormat) ?? AccessLogFormats.Json)
        : new AccessLogSink(mesh.AccessLogFile, AccessLogFormats.WithNewline(NonEmpty(mesh.AccessLogFormat, AccessLogFormats.Text)), "");

    private static TelemetryProvider ProviderOf(ExtensionProvider provider)
    {
        if (provider.Type != FileLogType)
            return new TelemetryProvider(provider.Name, provider.Type, null);
        var path = NonEmpty(provider.Path, StandardOutput);
        return new TelemetryProvider(provider.Name, provider.Type, provider.JsonFormat switch
        {
            null => new AccessLogSink(path, AccessLogFormats.WithNewline(NonEmpty(provider.TextFormat, AccessLogFormats.Text)), ""),
            { Count: 0 } => new AccessLogSink(path, "", AccessLogFormats.Json),
            { } labels => new AccessLogSink(path, "", AccessLogFormats.JsonOf(labels)),
        });
    }

    /// <summary>The mesh's settings for one proxy: what it was started with (PROXY_CONFIG of its node) comes before the mesh's default.</summary>
    public MeshSettings For(ProxyIdentity proxy) => proxy.ProxyConfig is not { } own ? this : this with
    {
        TracingSampling = own.TracingSampling ?? TracingSampling,
        Headers = own.Headers ?? Headers,
    };

    private static string NonEmpty(string text, string otherwise) => text.Length > 0 ? text : otherwise;
}
