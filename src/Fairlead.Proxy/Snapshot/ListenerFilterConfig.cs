namespace Fairlead.Proxy.Snapshot;

/// <summary>One listener filter, in the order of the resource.</summary>
internal sealed class ListenerFilterConfig
{
    public required ListenerFilterKind Kind { get; init; }

    /// <summary>Bytes of a ClientHello (tls_inspector) or of a request head's start (http_inspector) that are read at most.</summary>
    public int MaxReadBytes { get; init; }

    public bool CloseOnClientHelloError { get; init; }

    /// <summary>The filter is skipped where this predicate holds (Istio disables inspectors by port).</summary>
    public ListenerFilterPredicate? Disabled { get; init; }
}
