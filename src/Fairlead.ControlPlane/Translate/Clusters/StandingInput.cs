namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>Everything a standing cluster is made from; equality is the cache key.</summary>
internal sealed record StandingInput(string Name, TimeSpan ConnectTimeout, ClusterPolicy Policy)
{
    public static XdsResource Build(StandingInput input) => XdsResource.Of(input.Name, input.Name switch
    {
        ClusterNames.Passthrough => StandingClusters.Passthrough(input.ConnectTimeout, input.Policy),
        ClusterNames.InboundPassthrough => StandingClusters.InboundPassthrough(input.ConnectTimeout),
        _ => StandingClusters.BlackHole(input.ConnectTimeout),
    });
}
