namespace Fairlead.Proxy.Snapshot;

/// <summary>Policies this proxy has; a cluster that asks for another is refused.</summary>
internal enum LoadBalancingPolicy : byte
{
    RoundRobin,
    LeastRequest,
    Random,
    ClusterProvided,
}
