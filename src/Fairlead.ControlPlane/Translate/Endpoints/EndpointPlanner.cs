using System.Globalization;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate.Clusters;

namespace Fairlead.ControlPlane.Translate.Endpoints;

/// <summary>Which endpoints a named cluster has for a profile.</summary>
internal sealed class EndpointPlanner(MeshSnapshot snapshot, OutboundProfile profile)
{
    private readonly ClusterPlanner clusters = new(snapshot, profile);

    /// <summary>All endpoints of a service, the same list for as long as none of them changed.</summary>
    public ValueList<ServiceEndpoint> Behind(MeshService service) => snapshot.Endpoints.Of(service.Namespace, service.Host);

    /// <summary>The service that a cluster's name speaks of; null when the profile has none.</summary>
    public MeshService? ServiceOf(string cluster) => Find(cluster)?.Service;

    /// <summary>Null when the profile has no such cluster.</summary>
    public LoadAssignmentInput? Plan(string cluster)
    {
        if (Find(cluster) is not { } found)
            return null;
        if (found.Subset.Length == 0)
            return new LoadAssignmentInput(cluster, snapshot.Endpoints.Of(found.Service, found.Port));
        return clusters.RuleOf(found.Service)?.Subset(found.Subset) is { } chosen
            ? new LoadAssignmentInput(cluster, snapshot.Endpoints.Of(found.Service, found.Port, chosen.Labels))
            : null;
    }

    private (MeshService Service, MeshPort Port, string Subset)? Find(string cluster)
    {
        var parts = cluster.Split('|');
        if (parts.Length != 4 || parts[0] != "outbound" || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        return profile.Scope.ServicesOf(parts[3]) is { Count: > 0 } services && services[0].PortOf(number) is { } port
            ? (services[0], port, parts[2])
            : null;
    }
}
