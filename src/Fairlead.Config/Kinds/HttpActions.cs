using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>Which port a redirect names when none is given.</summary>
public enum RedirectPort
{
    FromProtocolDefault,
    FromRequestPort,
}

/// <summary>An HTTP redirect. Empty texts and a 0 port keep the request's value.</summary>
public sealed record HttpRedirect(string Uri, string PrefixRewrite, string Authority, string Scheme)
{
    internal static readonly string[] Ports = ["FROM_PROTOCOL_DEFAULT", "FROM_REQUEST_PORT"];

    public int Port { get; init; }

    /// <summary>Null when <c>derivePort</c> is not given.</summary>
    public RedirectPort? DerivePort { get; init; }

    /// <summary>301 when not given.</summary>
    public int Code { get; init; }

    public static HttpRedirect Read(JsonObject node) => new(node.Text("uri"), node.Text("prefixRewrite"), node.Text("authority"), node.Text("scheme"))
    {
        Port = node.Int("port"),
        DerivePort = node.ContainsKey("derivePort") ? (RedirectPort)node.Enumerated("derivePort", Ports) : null,
        Code = node.Int("redirectCode") is var code && code == 0 ? 301 : node.Int("redirectCode"),
    };
}

/// <summary>An answer that the proxy gives itself.</summary>
public sealed record HttpDirectResponse(int Status)
{
    /// <summary>Text of the body; null when the body is absent or <see cref="BodyBytes"/>.</summary>
    public string? BodyText { get; init; }

    /// <summary>Base64 of a binary body; null when there is none.</summary>
    public string? BodyBytes { get; init; }

    public static HttpDirectResponse Read(JsonObject node) => new(node.Int("status"))
    {
        BodyText = node.Object("body").OptionalText("string"),
        BodyBytes = node.Object("body").OptionalText("bytes"),
    };
}

/// <summary>Rewriting before the request is sent on: the matched prefix, or a regex, and the authority.</summary>
public sealed record HttpRewrite(string Uri, string Authority)
{
    /// <summary>RE2 pattern and substitution; null when not given.</summary>
    public RegexRewrite? UriRegex { get; init; }

    public static HttpRewrite Read(JsonObject node) => new(node.Text("uri"), node.Text("authority"))
    {
        UriRegex = node.Optional("uriRegexRewrite", item => new RegexRewrite(item.Text("match"), item.Text("rewrite"))),
    };
}

public sealed record RegexRewrite(string Match, string Rewrite);

/// <summary>Retry policy; <see cref="Attempts"/> 0 switches retries off.</summary>
public sealed record HttpRetry(int Attempts)
{
    public TimeSpan? PerTryTimeout { get; init; }

    /// <summary>Comma-separated conditions and status codes; empty means the mesh's default set.</summary>
    public string RetryOn { get; init; } = "";

    public bool? RetryRemoteLocalities { get; init; }
    public bool? RetryIgnorePreviousHosts { get; init; }
    public TimeSpan? Backoff { get; init; }

    public static HttpRetry Read(JsonObject node) => new(node.Int("attempts"))
    {
        PerTryTimeout = node.OptionalDuration("perTryTimeout"),
        RetryOn = node.Text("retryOn"),
        RetryRemoteLocalities = node.OptionalFlag("retryRemoteLocalities"),
        RetryIgnorePreviousHosts = node.OptionalFlag("retryIgnorePreviousHosts"),
        Backoff = node.OptionalDuration("backoff"),
    };
}

/// <summary>Injected faults.</summary>
public sealed record HttpFault
{
    public FaultDelay? Delay { get; init; }
    public FaultAbort? Abort { get; init; }

    public static HttpFault Read(JsonObject node) => new()
    {
        Delay = node.Optional("delay", FaultDelay.Read),
        Abort = node.Optional("abort", FaultAbort.Read),
    };

    /// <summary>0 to 100; all requests when no percentage is given.</summary>
    internal static double Percent(JsonObject node) =>
        node.Object("percentage") is { } percentage
            ? percentage.OptionalNumber("value") ?? 0
            : node.OptionalNumber("percent") ?? 100;
}

/// <summary>A delay before the request is sent on, for <paramref name="Percent"/> of 100 requests.</summary>
public sealed record FaultDelay(double Percent, TimeSpan FixedDelay)
{
    public static FaultDelay Read(JsonObject node) => new(HttpFault.Percent(node), node.OptionalDuration("fixedDelay") ?? TimeSpan.Zero);
}

/// <summary>An answer instead of the request, for <paramref name="Percent"/> of 100 requests. One of the two is set.</summary>
public sealed record FaultAbort(double Percent)
{
    public int? HttpStatus { get; init; }

    /// <summary>A gRPC status name (<c>UNAVAILABLE</c>).</summary>
    public string GrpcStatus { get; init; } = "";

    public static FaultAbort Read(JsonObject node) => new(HttpFault.Percent(node))
    {
        HttpStatus = node.OptionalInt("httpStatus"),
        GrpcStatus = node.Text("grpcStatus"),
    };
}

/// <summary>What to do with a preflight request that no origin matches.</summary>
public enum UnmatchedPreflights
{
    Unspecified,
    Forward,
    Ignore,
}

/// <summary>Cross-origin policy.</summary>
public sealed record CorsPolicy
{
    internal static readonly string[] Preflights = ["UNSPECIFIED", "FORWARD", "IGNORE"];

    /// <summary><c>allowOrigins</c>, and the deprecated <c>allowOrigin</c> as exact matches.</summary>
    public ValueList<StringMatch> AllowOrigins { get; init; } = ValueList<StringMatch>.Empty;

    public ValueList<string> AllowMethods { get; init; } = ValueList<string>.Empty;
    public ValueList<string> AllowHeaders { get; init; } = ValueList<string>.Empty;
    public ValueList<string> ExposeHeaders { get; init; } = ValueList<string>.Empty;
    public TimeSpan? MaxAge { get; init; }
    public bool? AllowCredentials { get; init; }
    public UnmatchedPreflights UnmatchedPreflights { get; init; }

    public static CorsPolicy Read(JsonObject node) => new()
    {
        AllowOrigins = node.List("allowOrigins", StringMatch.Read)
            .Concat(node.TextList("allowOrigin").Select(origin => new StringMatch(StringMatchKind.Exact, origin))).ToValueList(),
        AllowMethods = node.TextList("allowMethods"),
        AllowHeaders = node.TextList("allowHeaders"),
        ExposeHeaders = node.TextList("exposeHeaders"),
        MaxAge = node.OptionalDuration("maxAge"),
        AllowCredentials = node.OptionalFlag("allowCredentials"),
        UnmatchedPreflights = (UnmatchedPreflights)node.Enumerated("unmatchedPreflights", Preflights),
    };
}

/// <summary>Changes to the headers of one direction: set replaces, add appends, remove drops.</summary>
public sealed record HeaderChanges(ValueMap<string> Set, ValueMap<string> Add, ValueList<string> Remove)
{
    public static HeaderChanges None { get; } = new(ValueMap<string>.Empty, ValueMap<string>.Empty, ValueList<string>.Empty);

    public bool IsEmpty => Set.Count == 0 && Add.Count == 0 && Remove.Count == 0;

    public static HeaderChanges Read(JsonObject? node) =>
        node is null ? None : new(node.TextMap("set"), node.TextMap("add"), node.TextList("remove"));
}

/// <summary>Header changes of a route or of one destination.</summary>
public sealed record HeaderOperations(HeaderChanges Request, HeaderChanges Response)
{
    public static HeaderOperations None { get; } = new(HeaderChanges.None, HeaderChanges.None);

    public static HeaderOperations Read(JsonObject? node) =>
        node is null ? None : new(HeaderChanges.Read(node.Object("request")), HeaderChanges.Read(node.Object("response")));
}
