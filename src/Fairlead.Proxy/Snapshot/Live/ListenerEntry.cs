using Envoy.Config.Listener.V3;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>A listener that was received.</summary>
internal sealed record ListenerEntry(Listener Declared, ListenerSnapshot Compiled, string Version, DateTimeOffset Updated)
{
    /// <summary>RDS names of its connection managers.</summary>
    public IReadOnlyList<string> RouteNames { get; } = [.. SnapshotReferences.RouteNames(Compiled)];

    public IReadOnlyList<RouteFile> RouteFiles { get; } = [.. SnapshotReferences.RouteFiles(Compiled)];

    /// <summary>When it goes live although a route table is still missing.</summary>
    public DateTimeOffset? WarmBy { get; init; }
}
