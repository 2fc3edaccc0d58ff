using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>One address behind one service port.</summary>
/// <param name="Address">IP, DNS name (DNS resolutions) or <c>unix://</c> path.</param>
/// <param name="Port">Where it listens; 0 for a Unix socket.</param>
/// <param name="ServicePort">The name of the service port that it stands behind.</param>
public sealed record ServiceEndpoint(string Address, int Port, string ServicePort)
{
    public ValueMap<string> Labels { get; init; } = ValueMap<string>.Empty;

    /// <summary><c>region/zone/subzone</c>; empty when unknown.</summary>
    public string Locality { get; init; } = "";

    /// <summary>Relative weight, at least 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Ready to serve; others are kept out of load balancing.</summary>
    public bool Healthy { get; init; } = true;

    /// <summary>Of the pod, as Istio's endpoint metadata gives it: <c>workload;namespace;canonical-name;canonical-revision;cluster</c>; empty when unknown.</summary>
    public string Workload { get; init; } = "";
}
