using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Snapshot;

/// <summary>A compiled route: what it matches and exactly one action.</summary>
internal sealed class RouteEntry : IConfigured
{
    /// <summary>Empty when unnamed; the access log then prints "-".</summary>
    public required string Name { get; init; }

    /// <summary>Null when unnamed.</summary>
    public byte[]? NameUtf8 { get; init; }

    public required VirtualHost VirtualHost { get; init; }

    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    IConfigured IConfigured.Parent => VirtualHost;

    /// <summary>Set once, before the table is published.</summary>
    public RouteTable Table { get; internal set; } = null!;

    public required RouteMatcher Match { get; init; }

    public required RouteAction Action { get; init; }

    public HeaderMutations RequestHeaders { get; init; } = HeaderMutations.None;

    public HeaderMutations ResponseHeaders { get; init; } = HeaderMutations.None;

    /// <summary>Value of x-envoy-decorator-operation; null = none.</summary>
    public byte[]? DecoratorOperation { get; init; }

    /// <summary>Send the decorator header upstream (default true).</summary>
    public bool PropagateDecorator { get; init; }

    /// <summary>Bytes of a request body that may be buffered for a retry; null = the listener's buffer limit.</summary>
    public long? RequestBufferLimitBytes { get; init; }
}
