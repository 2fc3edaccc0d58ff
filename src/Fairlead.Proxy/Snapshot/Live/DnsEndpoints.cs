using System.Text;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot.Compile;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>Answers of a DNS cluster's names to endpoints.</summary>
internal static class DnsEndpoints
{
    /// <summary>Null = nothing changed since <paramref name="previous"/>. STRICT_DNS takes every address, LOGICAL_DNS the first.</summary>
    public static EndpointSet? Build(CompiledCluster cluster, IReadOnlyList<Dns.DnsAnswer?> answers, EndpointSet? previous)
    {
        var takesAll = cluster.Config.Discovery == DiscoveryType.StrictDns;
        var known = new Dictionary<IpEndpoint, Endpoint>();
        foreach (var endpoint in previous?.All ?? []) known[endpoint.Address] = endpoint;
        var isSame = previous is not null;
        var count = 0;
        var localities = new List<LocalityEndpoints>();
        foreach (var group in cluster.Names.Select((name, index) => (name, index)).GroupBy(item => item.name.Locality))
        {
            var endpoints = new List<Endpoint>();
            foreach (var (name, index) in group)
            {
                foreach (var endpoint in One(name, answers[index], takesAll))
                {
                    var kept = known.TryGetValue(endpoint.Address, out var old) && old.SameAs(endpoint) ? old : endpoint;
                    isSame &= ReferenceEquals(kept, old);
                    endpoints.Add(kept);
                    count++;
                }
            }
            var locality = group.Key;
            localities.Add(new LocalityEndpoints(
                locality.Locality?.Region ?? string.Empty,
                locality.Locality?.Zone ?? string.Empty,
                locality.Locality?.SubZone ?? string.Empty,
                (int)locality.Priority,
                locality.LoadBalancingWeight ?? 0,
                endpoints));
        }
        return isSame && count == previous!.All.Length ? null : new EndpointSet(localities, 140);
    }

    private static IEnumerable<Endpoint> One(CompiledCluster.DnsName name, Dns.DnsAnswer? answer, bool takesAll)
    {
        var hostname = Encoding.UTF8.GetBytes(name.Host);
        var addresses = (answer?.Addresses ?? []).Distinct();
        foreach (var address in takesAll ? addresses : addresses.Take(1))
        {
            yield return new Endpoint
            {
                Address = IpEndpoint.From(address, name.Port),
                Hostname = hostname,
                Weight = name.Traits.Weight,
                Health = name.Traits.Health,
                IstioWorkload = name.Traits.IstioWorkload,
                OtherMetadata = name.Traits.OtherMetadata,
            };
        }
    }
}
