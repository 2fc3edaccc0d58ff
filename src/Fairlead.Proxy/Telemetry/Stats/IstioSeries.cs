namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>Istio's standard metrics for one set of labels. Constants are offsets for <see cref="StatShard"/>.</summary>
internal sealed class IstioSeries : StatGroup
{
    // HTTP
    public const int RequestsTotal = 0;
    public const int RequestDuration = 1;
    public static readonly int RequestBytes = RequestDuration + HistogramLayout.Slots;
    public static readonly int ResponseBytes = RequestBytes + HistogramLayout.Slots;

    // TCP
    public const int TcpConnectionsOpened = 0;
    public const int TcpConnectionsClosed = 1;
    public const int TcpSentBytes = 2;
    public const int TcpReceivedBytes = 3;

    private static readonly StatDefinition[] Http =
    [
        new("requests_total", StatKind.Counter),
        new("request_duration_milliseconds", StatKind.Histogram),
        new("request_bytes", StatKind.Histogram),
        new("response_bytes", StatKind.Histogram),
    ];

    private static readonly StatDefinition[] Tcp =
    [
        new("tcp_connections_opened_total", StatKind.Counter),
        new("tcp_connections_closed_total", StatKind.Counter),
        new("tcp_sent_bytes_total", StatKind.Counter),
        new("tcp_received_bytes_total", StatKind.Counter),
    ];

    private static readonly string[] HttpNames = [.. Http.Select(definition => definition.Name)];
    private static readonly string[] TcpNames = [.. Tcp.Select(definition => definition.Name)];

    private IstioSeries(string text, StatTag[] tags, StatDefinition[] definitions)
        : base($"istiocustom.{text}.istio_", "istio_", tags, definitions) => IsCustomNamespace = true;

    /// <summary>Names of the metrics of one of the two sets, without <c>istio_</c>.</summary>
    public static IReadOnlyList<string> Metrics(bool isTcp) => isTcp ? TcpNames : HttpNames;

    /// <param name="registry">Where the series lives.</param>
    /// <param name="isTcp">Which of the two sets of metrics.</param>
    /// <param name="tags">In Istio's label order.</param>
    public static IstioSeries Of(StatRegistry registry, bool isTcp, StatTag[] tags)
    {
        var text = Text(tags);
        return registry.GetOrAdd((isTcp ? "istio tcp " : "istio http ") + text, () => new IstioSeries(text, tags, isTcp ? Tcp : Http));
    }

    /// <summary>A series of one metric alone, at offset 0.</summary>
    public static IstioSeries OfOne(StatRegistry registry, bool isTcp, int metric, StatTag[] tags)
    {
        var text = Text(tags);
        var definition = (isTcp ? Tcp : Http)[metric];
        return registry.GetOrAdd($"istio {definition.Name} {text}", () => new IstioSeries(text, tags, [definition]));
    }

    private static string Text(StatTag[] tags) => string.Join(";.;", tags.Select(tag => $"{tag.Name}.=.{tag.Value}"));
}
