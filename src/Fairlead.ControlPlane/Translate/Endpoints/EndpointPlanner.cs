using System.Globalization;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate.Clusters;

namespace Fairlead.ControlPlane.Translate.Endpoints;

/// <summary>Which endpoints a named cluster has for a profile.</summary>
internal sealed class EndpointPlanner(MeshSnapshot snapshot, OutboundProfile profile)
{
    private readonly ClusterPlanner clusters = new(snapshot, profile);

    /// <summary>Null when the profile has no such cluster.</summary>
    public LoadAssignmentInput? Plan(string cluster)
    {
        var parts = cluster.Split('|');
        if (parts.Length != 4 || parts[0] != "outbound" || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        var (subset, host) = (parts[2], parts[3]);
        if (profile.Scope.ServicesOf(host) is not { Count: > 0 } services || services[0].PortOf(number) is not { } port)
            return null;
        if (subset.Length == 0)
            return new LoadAssignmentInput(cluster, snapshot.Endpoints.Of(services[0], port));
        return clusters.RuleOf(services[0])?.Subset(subset) is { } chosen
            ? new LoadAssignmentInput(cluster, snapshot.Endpoints.Of(services[0], port, chosen.Labels))
            : null;
    }
}
