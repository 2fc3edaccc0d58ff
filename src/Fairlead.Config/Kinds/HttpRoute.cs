using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>One HTTP rule of a VirtualService: matches are alternatives, none means every request.</summary>
public sealed record HttpRoute
{
    public string Name { get; init; } = "";
    public ValueList<HttpMatch> Match { get; init; } = ValueList<HttpMatch>.Empty;
    public ValueList<HttpRouteDestination> Route { get; init; } = ValueList<HttpRouteDestination>.Empty;
    public HttpRedirect? Redirect { get; init; }
    public HttpDirectResponse? DirectResponse { get; init; }
    public DelegateReference? Delegate { get; init; }
    public HttpRewrite? Rewrite { get; init; }

    /// <summary>Null: not given, which means none.</summary>
    public TimeSpan? Timeout { get; init; }

    public HttpRetry? Retries { get; init; }
    public HttpFault? Fault { get; init; }

    /// <summary><c>mirror</c> with its percentage, or <c>mirrors</c>.</summary>
    public ValueList<HttpMirror> Mirrors { get; init; } = ValueList<HttpMirror>.Empty;

    public CorsPolicy? CorsPolicy { get; init; }
    public HeaderOperations Headers { get; init; } = HeaderOperations.None;

    public static HttpRoute Read(JsonObject node) => new()
    {
        Name = node.Text("name"),
        Match = node.List("match", HttpMatch.Read),
        Route = node.List("route", HttpRouteDestination.Read),
        Redirect = node.Optional("redirect", HttpRedirect.Read),
        DirectResponse = node.Optional("directResponse", HttpDirectResponse.Read),
        Delegate = node.Optional("delegate", item => new DelegateReference(item.Text("name"), item.Text("namespace"))),
        Rewrite = node.Optional("rewrite", HttpRewrite.Read),
        Timeout = node.OptionalDuration("timeout"),
        Retries = node.Optional("retries", HttpRetry.Read),
        Fault = node.Optional("fault", HttpFault.Read),
        Mirrors = ReadMirrors(node),
        CorsPolicy = node.Optional("corsPolicy", CorsPolicy.Read),
        Headers = HeaderOperations.Read(node.Object("headers")),
    };

    private static ValueList<HttpMirror> ReadMirrors(JsonObject node)
    {
        if (node.Object("mirror") is not { } mirror)
            return node.List("mirrors", item => new HttpMirror(Destination.Read(item.Object("destination") ?? []), Percentage(item)));
        var percent = node.Object("mirrorPercentage").OptionalNumber("value")
            ?? node.OptionalNumber("mirrorPercent")
            ?? node.OptionalNumber("mirror_percent")
            ?? (node.Object("mirrorPercentage") is null ? 100 : 0);
        return [new HttpMirror(Destination.Read(mirror), percent)];
    }

    private static double Percentage(JsonObject node) =>
        node.Object("percentage") is { } percentage ? percentage.OptionalNumber("value") ?? 0 : 100;
}

/// <summary>How a text is matched.</summary>
public enum StringMatchKind
{
    /// <summary>No value is given: the field only has to be there.</summary>
    Present,
    Exact,
    Prefix,
    Regex,
}

/// <summary>A match of a text; regexes are RE2 and match the whole text.</summary>
public sealed record StringMatch(StringMatchKind Kind, string Value)
{
    public static StringMatch Read(JsonObject node)
    {
        if (node.OptionalText("exact") is { } exact)
            return new(StringMatchKind.Exact, exact);
        if (node.OptionalText("prefix") is { } prefix)
            return new(StringMatchKind.Prefix, prefix);
        return node.OptionalText("regex") is { } regex ? new(StringMatchKind.Regex, regex) : new(StringMatchKind.Present, "");
    }
}

/// <summary>Conditions of an HTTP rule, all of which must hold.</summary>
public sealed record HttpMatch
{
    public string Name { get; init; } = "";
    public StringMatch? Uri { get; init; }
    public bool IgnoreUriCase { get; init; }
    public StringMatch? Scheme { get; init; }
    public StringMatch? Method { get; init; }
    public StringMatch? Authority { get; init; }
    public ValueMap<StringMatch> Headers { get; init; } = ValueMap<StringMatch>.Empty;
    public ValueMap<StringMatch> WithoutHeaders { get; init; } = ValueMap<StringMatch>.Empty;
    public ValueMap<StringMatch> QueryParams { get; init; } = ValueMap<StringMatch>.Empty;

    /// <summary>The service port that is addressed; 0: any.</summary>
    public int Port { get; init; }

    public ValueMap<string> SourceLabels { get; init; } = ValueMap<string>.Empty;
    public string SourceNamespace { get; init; } = "";
    public ValueList<string> Gateways { get; init; } = ValueList<string>.Empty;
    public string StatPrefix { get; init; } = "";

    /// <summary>Whether every request passes, wherever it comes from.</summary>
    public bool IsCatchAll =>
        (Uri is null || Uri is { Kind: StringMatchKind.Prefix, Value: "/" } || Uri is { Kind: StringMatchKind.Regex, Value: ".*" or "*" })
        && Scheme is null && Method is null && Authority is null && Headers.Count == 0 && WithoutHeaders.Count == 0 && QueryParams.Count == 0
        && Port == 0 && SourceLabels.Count == 0 && SourceNamespace.Length == 0 && Gateways.Count == 0;

    public static HttpMatch Read(JsonObject node) => new()
    {
        Name = node.Text("name"),
        Uri = node.Optional("uri", StringMatch.Read),
        IgnoreUriCase = node.Flag("ignoreUriCase"),
        Scheme = node.Optional("scheme", StringMatch.Read),
        Method = node.Optional("method", StringMatch.Read),
        Authority = node.Optional("authority", StringMatch.Read),
        Headers = node.ObjectMap("headers", StringMatch.Read),
        WithoutHeaders = node.ObjectMap("withoutHeaders", StringMatch.Read),
        QueryParams = node.ObjectMap("queryParams", StringMatch.Read),
        Port = node.Int("port"),
        SourceLabels = node.TextMap("sourceLabels"),
        SourceNamespace = node.Text("sourceNamespace"),
        Gateways = node.TextList("gateways"),
        StatPrefix = node.Text("statPrefix"),
    };
}

/// <summary>A destination of an HTTP rule; shares are weight over the sum of weights.</summary>
public sealed record HttpRouteDestination(Destination Destination, int Weight, HeaderOperations Headers)
{
    public static HttpRouteDestination Read(JsonObject node) =>
        new(Destination.Read(node.Object("destination") ?? []), node.Int("weight"), HeaderOperations.Read(node.Object("headers")));
}

/// <summary>Another VirtualService that refines this rule; an empty namespace means the root rule's.</summary>
public sealed record DelegateReference(string Name, string Namespace);

/// <summary>A destination that gets copies; <paramref name="Percent"/> is 0 to 100.</summary>
public sealed record HttpMirror(Destination Destination, double Percent);
