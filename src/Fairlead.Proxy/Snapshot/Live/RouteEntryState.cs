using Envoy.Config.Route.V3;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>A route table that was received by RDS.</summary>
internal sealed record RouteEntryState(RouteConfiguration Declared, RouteTable Compiled, string Version, DateTimeOffset Updated)
{
    public IReadOnlySet<string> Clusters { get; } = SnapshotReferences.Clusters(Compiled);

    /// <summary>Until then it waits for clusters of it that still warm.</summary>
    public DateTimeOffset HeldUntil { get; init; }
}
