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

    private IstioSeries(string text, StatTag[] tags, StatDefinition[] definitions)
        : base($"istiocustom.{text}.istio_", "istio_", tags, definitions) => IsCustomNamespace = true;

    /// <param name="registry">Where the series lives.</param>
    /// <param name="isTcp">Which of the two sets of metrics.</param>
    /// <param name="tags">In Istio's label order.</param>
    public static IstioSeries Of(StatRegistry registry, bool isTcp, StatTag[] tags)
    {
        var text = string.Join(";.;", tags.Select(tag => $"{tag.Name}.=.{tag.Value}"));
        return registry.GetOrAdd((isTcp ? "istio tcp " : "istio http ") + text, () => new IstioSeries(text, tags, isTcp ? Tcp : Http));
    }
}
