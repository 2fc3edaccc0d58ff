using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Snapshot;

/// <summary>A compiled virtual host; its routes are tried in order.</summary>
internal sealed class VirtualHost : IConfigured
{
    public required string Name { get; init; }

    public required byte[] NameUtf8 { get; init; }

    public Envoy.Config.Core.V3.Metadata? Metadata { get; init; }

    /// <summary>As declared; for dumps.</summary>
    public required IReadOnlyList<string> Domains { get; init; }

    public required IReadOnlyList<RouteEntry> Routes { get; init; }

    public TlsRequirement RequireTls { get; init; }

    public HeaderMutations RequestHeaders { get; init; } = HeaderMutations.None;

    public HeaderMutations ResponseHeaders { get; init; } = HeaderMutations.None;

    /// <summary>x-envoy-attempt-count goes upstream.</summary>
    public bool IncludeRequestAttemptCount { get; init; }

    /// <summary>x-envoy-attempt-count goes downstream.</summary>
    public bool IncludeAttemptCountInResponse { get; init; }
}
