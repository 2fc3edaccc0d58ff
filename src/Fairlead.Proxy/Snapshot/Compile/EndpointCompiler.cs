using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>ClusterLoadAssignment to <see cref="EndpointSet"/>; endpoints that did not change stay the same objects.</summary>
internal static class EndpointCompiler
{
    /// <summary>Localities times endpoints of one cluster; Envoy has no limit, 100,000 hosts is ten times its largest published test.</summary>
    public const int MaxEndpoints = 100_000;

    public static EndpointSet Compile(ClusterLoadAssignment assignment, EndpointSet? previous, string path)
    {
        var known = Known(previous);
        var localities = new List<LocalityEndpoints>(assignment.Endpoints.Count);
        var total = 0;
        for (var i = 0; i < assignment.Endpoints.Count; i++)
        {
            var locality = assignment.Endpoints[i];
            var place = $"{path}.endpoints[{i}]";
            if (locality.Priority > 128) throw new ConfigException(place + ".priority", $"{locality.Priority} is above Envoy's highest, 128");
            var endpoints = new List<Endpoint>(locality.LbEndpoints.Count);
            for (var k = 0; k < locality.LbEndpoints.Count; k++)
            {
                if (++total > MaxEndpoints) throw new ConfigException(path, $"more than {MaxEndpoints} endpoints");
                endpoints.Add(Keep(known, One(locality.LbEndpoints[k], $"{place}.lb_endpoints[{k}]")));
            }
            localities.Add(new LocalityEndpoints(
                locality.Locality?.Region ?? string.Empty,
                locality.Locality?.Zone ?? string.Empty,
                locality.Locality?.SubZone ?? string.Empty,
                (int)locality.Priority,
                locality.LoadBalancingWeight ?? 0,
                endpoints));
        }
        var factor = assignment.Policy?.OverprovisioningFactor ?? 140;
        if (assignment.Policy?.DropOverloads.Count > 0)
        {
            throw new ConfigException(path + ".policy.drop_overloads", "dropping requests on the load balancer's behalf is not supported");
        }
        return new EndpointSet(localities, (int)factor);
    }

    /// <summary>Health and weight of an endpoint whose address comes later (DNS).</summary>
    public static (uint Weight, EndpointHealth Health, string? Workload) Traits(LbEndpoint endpoint, string path)
    {
        var weight = endpoint.LoadBalancingWeight ?? 1;
        if (weight == 0) throw new ConfigException(path + ".load_balancing_weight", "must be at least 1");
        return (weight, Health(endpoint.HealthStatus), Workload(endpoint.Metadata));
    }

    private static Dictionary<(Loop.IpEndpoint, string), Endpoint> Known(EndpointSet? previous)
    {
        var known = new Dictionary<(Loop.IpEndpoint, string), Endpoint>();
        foreach (var endpoint in previous?.All ?? []) known[(endpoint.Address, endpoint.IstioWorkload ?? string.Empty)] = endpoint;
        return known;
    }

    private static Endpoint Keep(Dictionary<(Loop.IpEndpoint, string), Endpoint> known, Endpoint endpoint) =>
        known.TryGetValue((endpoint.Address, endpoint.IstioWorkload ?? string.Empty), out var old) && old.SameAs(endpoint) ? old : endpoint;

    private static Endpoint One(LbEndpoint endpoint, string path)
    {
        if (endpoint.HostIdentifierCase != LbEndpoint.HostIdentifierOneofCase.Endpoint)
        {
            throw new ConfigException(path, "endpoint_name is not supported: give the endpoint itself");
        }
        var (weight, health, workload) = Traits(endpoint, path);
        return new Endpoint
        {
            Address = ProtoValues.Socket(endpoint.Endpoint.Address, path + ".endpoint.address"),
            Hostname = ProtoValues.Text(endpoint.Endpoint.Hostname),
            Weight = weight,
            Health = health,
            IstioWorkload = workload,
        };
    }

    private static EndpointHealth Health(HealthStatus status) => status switch
    {
        HealthStatus.Unknown or HealthStatus.Healthy => EndpointHealth.Healthy,
        HealthStatus.Degraded => EndpointHealth.Degraded,
        _ => EndpointHealth.Unhealthy,
    };

    private static string? Workload(Metadata? metadata)
    {
        if (metadata is null || !metadata.FilterMetadata.TryGetValue("istio", out var istio)) return null;
        return istio.Fields.TryGetValue("workload", out var workload) && workload.HasStringValue ? workload.StringValue : null;
    }
}
