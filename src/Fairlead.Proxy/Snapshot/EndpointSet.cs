using System.Buffers;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot.Compile;

namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// The endpoints of a cluster: per locality, ordered by priority. Immutable. What every worker would find out alike is found out here, once and
/// not on a worker's time: of ten thousand endpoints, which are there, which are picked from, whether they weigh the same.
/// </summary>
internal sealed class EndpointSet
{
    public static readonly EndpointSet Empty = new([], 140);

    public EndpointSet(IReadOnlyList<LocalityEndpoints> localities, int overprovisioningFactor, EndpointResource? source = null)
    {
        AsSent = localities;
        Source = source;
        Localities = localities.Count > 1 ? [.. localities.OrderBy(locality => locality.Priority)] : localities;
        All = [.. Localities.SelectMany(locality => locality.Endpoints)];
        OverprovisioningFactor = overprovisioningFactor;
        Distinct = HasDuplicates(All) ? WithoutDuplicates(All) : All;
        Usable = PickUsable();
    }

    public IReadOnlyList<LocalityEndpoints> Localities { get; }

    /// <summary>The localities in the order of <see cref="Source"/>.</summary>
    public IReadOnlyList<LocalityEndpoints> AsSent { get; }

    /// <summary>The resource it was made of; null = made of something else (DNS answers).</summary>
    public EndpointResource? Source { get; }

    /// <summary>Every endpoint of every locality, in order of priority.</summary>
    public Endpoint[] All { get; }

    /// <summary>Each address once, as the last that has it describes it: one that stands in several localities is one host.</summary>
    public Endpoint[] Distinct { get; }

    /// <summary>Those of <see cref="Distinct"/> that requests go to: of the first priority that has any that is not unhealthy. May be empty.</summary>
    public Endpoint[] Usable { get; }

    /// <summary>Percent; Envoy's default is 140.</summary>
    public int OverprovisioningFactor { get; }

    public bool HasOnePriority => Localities.All(locality => locality.Priority == Localities[0].Priority);

    public bool IsEmpty => All.Length == 0;

    private Endpoint[] PickUsable()
    {
        if (ReferenceEquals(Distinct, All) && HasOnePriority
            && Array.TrueForAll(All, static endpoint => endpoint.IsUsable))
        {
            return All;
        }
        var current = Distinct.ToDictionary(endpoint => endpoint.Address);
        var usable = new List<Endpoint>();
        var priority = int.MaxValue;
        foreach (var locality in Localities)
        {
            if (locality.Priority > priority) break;
            foreach (var endpoint in locality.Endpoints)
            {
                // Taken at its first place.
                if (current.TryGetValue(endpoint.Address, out var host) && host.IsUsable && current.Remove(endpoint.Address)) usable.Add(host);
            }
            if (usable.Count > 0) priority = locality.Priority;
        }
        return [.. usable];
    }

    /// <summary>May say yes where two addresses share a hash, which costs <see cref="WithoutDuplicates"/> and nothing else.</summary>
    private static bool HasDuplicates(Endpoint[] endpoints)
    {
        var hashes = ArrayPool<int>.Shared.Rent(endpoints.Length);
        for (var i = 0; i < endpoints.Length; i++) hashes[i] = endpoints[i].Address.GetHashCode();
        var used = hashes.AsSpan(0, endpoints.Length);
        used.Sort();
        var found = false;
        for (var i = 1; i < used.Length && !found; i++) found = used[i] == used[i - 1];
        ArrayPool<int>.Shared.Return(hashes);
        return found;
    }

    private static Endpoint[] WithoutDuplicates(Endpoint[] endpoints)
    {
        var places = new Dictionary<IpEndpoint, int>(endpoints.Length);
        var distinct = new List<Endpoint>(endpoints.Length);
        foreach (var endpoint in endpoints)
        {
            if (places.TryAdd(endpoint.Address, distinct.Count)) distinct.Add(endpoint);
            else distinct[places[endpoint.Address]] = endpoint;
        }
        return distinct.Count == endpoints.Length ? endpoints : [.. distinct];
    }
}
