using Fairlead.Proxy.Snapshot.Compile;

namespace Fairlead.Proxy.Snapshot;

/// <summary>The endpoints of a cluster: per locality, ordered by priority. Immutable.</summary>
internal sealed class EndpointSet
{
    public static readonly EndpointSet Empty = new([], 140);

    public EndpointSet(IReadOnlyList<LocalityEndpoints> localities, int overprovisioningFactor, EndpointResource? source = null)
    {
        AsSent = localities;
        Source = source;
        Localities = [.. localities.OrderBy(locality => locality.Priority)];
        All = [.. Localities.SelectMany(locality => locality.Endpoints)];
        OverprovisioningFactor = overprovisioningFactor;
        HasEqualWeights = All.All(endpoint => endpoint.Weight == All[0].Weight);
    }

    public IReadOnlyList<LocalityEndpoints> Localities { get; }

    /// <summary>The localities in the order of <see cref="Source"/>.</summary>
    public IReadOnlyList<LocalityEndpoints> AsSent { get; }

    /// <summary>The resource it was made of; null = made of something else (DNS answers).</summary>
    public EndpointResource? Source { get; }

    /// <summary>Every endpoint of every locality, in order of priority.</summary>
    public IReadOnlyList<Endpoint> All { get; }

    /// <summary>Percent; Envoy's default is 140.</summary>
    public int OverprovisioningFactor { get; }

    /// <summary>Then plain rotation replaces weighted choice.</summary>
    public bool HasEqualWeights { get; }

    public bool IsEmpty => All.Count == 0;
}
