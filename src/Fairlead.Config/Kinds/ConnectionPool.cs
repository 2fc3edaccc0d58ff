using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>Limits on connections and requests to a host.</summary>
public sealed record ConnectionPool(TcpPool? Tcp, HttpPool? Http)
{
    public static ConnectionPool Read(JsonObject node) => new(node.Optional("tcp", TcpPool.Read), node.Optional("http", HttpPool.Read));
}

/// <summary>Null or 0: not limited, or the mesh's default.</summary>
public sealed record TcpPool
{
    public int MaxConnections { get; init; }
    public TimeSpan? ConnectTimeout { get; init; }
    public TcpKeepalive? Keepalive { get; init; }
    public TimeSpan? MaxConnectionDuration { get; init; }
    public TimeSpan? IdleTimeout { get; init; }

    public static TcpPool Read(JsonObject node) => new()
    {
        MaxConnections = node.Int("maxConnections"),
        ConnectTimeout = node.OptionalDuration("connectTimeout"),
        Keepalive = node.Optional("tcpKeepalive", TcpKeepalive.Read),
        MaxConnectionDuration = node.OptionalDuration("maxConnectionDuration"),
        IdleTimeout = node.OptionalDuration("idleTimeout"),
    };
}

/// <summary>TCP keep-alive probes: count, idle time before the first, interval. Null keeps the system's value.</summary>
public sealed record TcpKeepalive(int? Probes, TimeSpan? Time, TimeSpan? Interval)
{
    public static TcpKeepalive Read(JsonObject node) =>
        new(node.OptionalInt("probes"), node.OptionalDuration("time"), node.OptionalDuration("interval"));
}

public enum H2UpgradePolicy
{
    Default,
    DoNotUpgrade,
    Upgrade,
}

/// <summary>0: not limited, or the default.</summary>
public sealed record HttpPool
{
    internal static readonly string[] UpgradePolicies = ["DEFAULT", "DO_NOT_UPGRADE", "UPGRADE"];

    public int Http1MaxPendingRequests { get; init; }
    public int Http2MaxRequests { get; init; }
    public int MaxRequestsPerConnection { get; init; }
    public int MaxRetries { get; init; }
    public TimeSpan? IdleTimeout { get; init; }
    public H2UpgradePolicy H2UpgradePolicy { get; init; }
    public bool UseClientProtocol { get; init; }
    public int MaxConcurrentStreams { get; init; }
    public TimeSpan? Http2KeepAliveInterval { get; init; }
    public TimeSpan? Http2KeepAliveTimeout { get; init; }

    public static HttpPool Read(JsonObject node) => new()
    {
        Http1MaxPendingRequests = node.Int("http1MaxPendingRequests"),
        Http2MaxRequests = node.Int("http2MaxRequests"),
        MaxRequestsPerConnection = node.Int("maxRequestsPerConnection"),
        MaxRetries = node.Int("maxRetries"),
        IdleTimeout = node.OptionalDuration("idleTimeout"),
        H2UpgradePolicy = (H2UpgradePolicy)node.Enumerated("h2UpgradePolicy", UpgradePolicies),
        UseClientProtocol = node.Flag("useClientProtocol"),
        MaxConcurrentStreams = node.Int("maxConcurrentStreams"),
        Http2KeepAliveInterval = node.Object("http2KeepAlive").OptionalDuration("interval"),
        Http2KeepAliveTimeout = node.Object("http2KeepAlive").OptionalDuration("timeout"),
    };
}

/// <summary>Ejection of failing endpoints; null values take the built-in default once the block is there.</summary>
public sealed record OutlierDetection
{
    public bool SplitExternalLocalOriginErrors { get; init; }
    public int? ConsecutiveLocalOriginFailures { get; init; }
    public int? ConsecutiveGatewayErrors { get; init; }

    /// <summary>From <c>consecutive5xxErrors</c>.</summary>
    public int? Consecutive5xxErrors { get; init; }

    public TimeSpan? Interval { get; init; }
    public TimeSpan? BaseEjectionTime { get; init; }

    /// <summary>0: the default of 10.</summary>
    public int MaxEjectionPercent { get; init; }

    public int MinHealthPercent { get; init; }

    /// <summary>Status codes that count as failures; empty means 5xx.</summary>
    public ValueList<int> HttpErrorCodes { get; init; } = ValueList<int>.Empty;

    public static OutlierDetection Read(JsonObject node) => new()
    {
        SplitExternalLocalOriginErrors = node.Flag("splitExternalLocalOriginErrors"),
        ConsecutiveLocalOriginFailures = node.OptionalInt("consecutiveLocalOriginFailures"),
        ConsecutiveGatewayErrors = node.OptionalInt("consecutiveGatewayErrors"),
        Consecutive5xxErrors = node.OptionalInt("consecutive5xxErrors"),
        Interval = node.OptionalDuration("interval"),
        BaseEjectionTime = node.OptionalDuration("baseEjectionTime"),
        MaxEjectionPercent = node.Int("maxEjectionPercent"),
        MinHealthPercent = node.Int("minHealthPercent"),
        HttpErrorCodes = node.IntList("outlierDetectionHttpErrorCodes"),
    };
}
