using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

public enum SimpleLoadBalancer
{
    Unspecified,
    LeastConn,
    Random,
    Passthrough,
    RoundRobin,
    LeastRequest,
}

/// <summary>How an endpoint is chosen.</summary>
public sealed record LoadBalancer
{
    internal static readonly string[] SimpleNames = ["UNSPECIFIED", "LEAST_CONN", "RANDOM", "PASSTHROUGH", "ROUND_ROBIN", "LEAST_REQUEST"];

    public SimpleLoadBalancer Simple { get; init; }
    public ConsistentHash? ConsistentHash { get; init; }
    public BackendUtilization? BackendUtilization { get; init; }
    public LocalityLoadBalancing? Locality { get; init; }
    public ZoneAwareLoadBalancing? ZoneAware { get; init; }

    /// <summary>Slow start; also the deprecated <c>warmupDurationSecs</c>.</summary>
    public Warmup? Warmup { get; init; }

    public static LoadBalancer Read(JsonObject node) => new()
    {
        Simple = (SimpleLoadBalancer)node.Enumerated("simple", SimpleNames),
        ConsistentHash = node.Optional("consistentHash", ConsistentHash.Read),
        BackendUtilization = node.Optional("backendUtilization", BackendUtilization.Read),
        Locality = node.Optional("localityLbSetting", LocalityLoadBalancing.Read),
        ZoneAware = node.Optional("zoneAwareLbSetting", ZoneAwareLoadBalancing.Read),
        Warmup = node.Optional("warmup", Warmup.Read)
            ?? (node.OptionalDuration("warmupDurationSecs") is { } duration ? new Warmup(duration, null, null) : null),
    };
}

/// <summary>Slow start of new endpoints. Percent 0 to 100 (default 10), aggression at least 1 (default 1).</summary>
public sealed record Warmup(TimeSpan Duration, double? MinimumPercent, double? Aggression)
{
    public static Warmup Read(JsonObject node) =>
        new(node.OptionalDuration("duration") ?? TimeSpan.Zero, node.OptionalNumber("minimumPercent"), node.OptionalNumber("aggression"));
}

/// <summary>Affinity by a hash of one key; exactly one key is set in valid config.</summary>
public sealed record ConsistentHash
{
    public string HttpHeaderName { get; init; } = "";
    public HashCookie? HttpCookie { get; init; }
    public bool UseSourceIp { get; init; }
    public string HttpQueryParameterName { get; init; } = "";

    /// <summary>Entries of the ring; null when not given (1024). From <c>ringHash</c> or the deprecated field.</summary>
    public long? MinimumRingSize { get; init; }

    /// <summary>Set when maglev is chosen: entries of its table (65537 when not given).</summary>
    public long? MaglevTableSize { get; init; }

    public static ConsistentHash Read(JsonObject node) => new()
    {
        HttpHeaderName = node.Text("httpHeaderName"),
        HttpCookie = node.Optional("httpCookie", HashCookie.Read),
        UseSourceIp = node.Flag("useSourceIp"),
        HttpQueryParameterName = node.Text("httpQueryParameterName"),
        MinimumRingSize = node.Object("ringHash").OptionalInteger("minimumRingSize") ?? node.OptionalInteger("minimumRingSize"),
        MaglevTableSize = node.Object("maglev") is { } maglev ? maglev.OptionalInteger("tableSize") ?? 65537 : null,
    };
}

/// <summary>The cookie that is hashed; made by the proxy when <paramref name="Ttl"/> is given and the client has none.</summary>
public sealed record HashCookie(string Name, string Path, TimeSpan? Ttl, ValueList<KeyValuePair<string, string>> Attributes)
{
    public static HashCookie Read(JsonObject node) => new(
        node.Text("name"),
        node.Text("path"),
        node.OptionalDuration("ttl"),
        node.List("attributes", item => KeyValuePair.Create(item.Text("name"), item.Text("value"))));
}

/// <summary>Weights from load reports of the backends.</summary>
public sealed record BackendUtilization
{
    public int? ErrorUtilizationPenaltyPercent { get; init; }
    public ValueList<string> MetricNames { get; init; } = ValueList<string>.Empty;
    public TimeSpan? WeightExpirationPeriod { get; init; }
    public TimeSpan? WeightStabilizationPeriod { get; init; }
    public TimeSpan? WeightUpdatePeriod { get; init; }

    public static BackendUtilization Read(JsonObject node) => new()
    {
        ErrorUtilizationPenaltyPercent = node.OptionalInt("errorUtilizationPenaltyPercent"),
        MetricNames = node.TextList("metricNamesForComputingUtilization"),
        WeightExpirationPeriod = node.OptionalDuration("weightExpirationPeriod"),
        WeightStabilizationPeriod = node.OptionalDuration("weightStabilizationPeriod"),
        WeightUpdatePeriod = node.OptionalDuration("weightUpdatePeriod"),
    };
}

/// <summary>Shares or fail-over between localities.</summary>
public sealed record LocalityLoadBalancing
{
    /// <summary>Null: the mesh's setting.</summary>
    public bool? Enabled { get; init; }

    public ValueList<LocalityDistribution> Distribute { get; init; } = ValueList<LocalityDistribution>.Empty;
    public ValueList<LocalityFailover> Failover { get; init; } = ValueList<LocalityFailover>.Empty;
    public ValueList<string> FailoverPriority { get; init; } = ValueList<string>.Empty;

    public static LocalityLoadBalancing Read(JsonObject node) => new()
    {
        Enabled = node.OptionalFlag("enabled"),
        Distribute = node.List("distribute", item => new LocalityDistribution(item.Text("from"), item.IntMap("to"))),
        Failover = node.List("failover", LocalityFailover.Read),
        FailoverPriority = node.TextList("failoverPriority"),
    };
}

public sealed record LocalityDistribution(string From, ValueMap<int> To);

public sealed record LocalityFailover(string From, string To)
{
    public static LocalityFailover Read(JsonObject node) => new(node.Text("from"), node.Text("to"));
}

/// <summary>Preference for the caller's zone by the sizes of the zones.</summary>
public sealed record ZoneAwareLoadBalancing
{
    public bool? Enabled { get; init; }
    public long? MinClusterSize { get; init; }
    public ValueList<LocalityFailover> Failover { get; init; } = ValueList<LocalityFailover>.Empty;
    public ValueList<string> FailoverPriority { get; init; } = ValueList<string>.Empty;

    public static ZoneAwareLoadBalancing Read(JsonObject node) => new()
    {
        Enabled = node.OptionalFlag("enabled"),
        MinClusterSize = node.OptionalInteger("minClusterSize"),
        Failover = node.List("failover", LocalityFailover.Read),
        FailoverPriority = node.TextList("failoverPriority"),
    };
}
