using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Fairlead.Xds.Json;
using Google.Protobuf;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>ClusterLoadAssignment to <see cref="EndpointSet"/>; what did not change since the push before is not read again.</summary>
internal static class EndpointCompiler
{
    /// <summary>Localities times endpoints of one cluster; Envoy has no limit, 100,000 hosts is ten times its largest published test.</summary>
    public const int MaxEndpoints = 100_000;

    private const int EndpointsBetweenBreaks = 500;

    public static EndpointSet Compile(EndpointResource resource, EndpointSet? previous, string path)
    {
        var policy = resource.Rest.Policy;
        if (policy?.DropOverloads.Count > 0)
        {
            throw new ConfigException(path + ".policy.drop_overloads", "dropping requests on the load balancer's behalf is not supported");
        }
        var before = new WireReader(previous?.Source is { } source ? source.Bytes.Span : default);
        var localities = new List<LocalityEndpoints>();
        var total = 0;
        var reader = new WireReader(resource.Bytes.Span);
        while (reader.Read())
        {
            if (reader.Field != ClusterLoadAssignment.EndpointsFieldNumber) continue;
            total += EndpointResource.Count(reader.Content, LocalityLbEndpoints.LbEndpointsFieldNumber);
            if (total > MaxEndpoints) throw new ConfigException(path, $"more than {MaxEndpoints} endpoints");
            var unchanged = NextLocality(ref before) ? new UnchangedEndpoints(before.Content, previous!.AsSent[localities.Count].Endpoints) : new UnchangedEndpoints([], []);
            localities.Add(Locality(reader.Content, unchanged, $"{path}.endpoints[{localities.Count}]"));
        }
        return new EndpointSet(localities, (int)(policy?.OverprovisioningFactor ?? 140), resource);
    }

    /// <summary>Health and weight of an endpoint whose address comes later (DNS).</summary>
    public static EndpointTraits Traits(LbEndpoint endpoint, string path)
    {
        var weight = endpoint.LoadBalancingWeight ?? 1;
        if (weight == 0) throw new ConfigException(path + ".load_balancing_weight", "must be at least 1");
        var workload = Workload(endpoint.Metadata, out var isAll);
        return new EndpointTraits(weight, Health(endpoint.HealthStatus), workload, isAll ? null : endpoint.Metadata.ToByteString());
    }

    private static bool NextLocality(ref WireReader reader)
    {
        while (reader.Read())
        {
            if (reader.Field == ClusterLoadAssignment.EndpointsFieldNumber) return true;
        }
        return false;
    }

    private static LocalityEndpoints Locality(ReadOnlySpan<byte> bytes, UnchangedEndpoints unchanged, string path)
    {
        try
        {
            var locality = EndpointResource.Without(bytes, LocalityLbEndpoints.LbEndpointsFieldNumber, LocalityLbEndpoints.Parser);
            if (locality.Priority > 128) throw new ConfigException(path + ".priority", $"{locality.Priority} is above Envoy's highest, 128");
            var endpoints = new Endpoint[EndpointResource.Count(bytes, LocalityLbEndpoints.LbEndpointsFieldNumber)];
            var count = 0;
            var breaks = new Loop.Breaks(EndpointsBetweenBreaks);
            var reader = new WireReader(bytes);
            while (reader.Read())
            {
                if (reader.Field != LocalityLbEndpoints.LbEndpointsFieldNumber) continue;
                endpoints[count] = unchanged.Find(reader.Content) ?? One(LbEndpoint.Parser.ParseFrom(reader.Content), path, count);
                count++;
                breaks.Count();
            }
            return new LocalityEndpoints(
                locality.Locality?.Region ?? string.Empty,
                locality.Locality?.Zone ?? string.Empty,
                locality.Locality?.SubZone ?? string.Empty,
                (int)locality.Priority,
                locality.LoadBalancingWeight ?? 0,
                endpoints);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new ConfigException(path, $"is not a valid {nameof(LocalityLbEndpoints)}: {malformed.Message}");
        }
    }

    /// <summary>The endpoint. Where it is refused the place is made up then, and not for each of ten thousand.</summary>
    private static Endpoint One(LbEndpoint endpoint, string path, int index)
    {
        try
        {
            return One(endpoint, string.Empty);
        }
        catch (ConfigException refused)
        {
            throw refused.Within($"{path}.lb_endpoints[{index}]");
        }
    }

    private static Endpoint One(LbEndpoint endpoint, string path)
    {
        if (endpoint.HostIdentifierCase != LbEndpoint.HostIdentifierOneofCase.Endpoint)
        {
            throw new ConfigException(path, "endpoint_name is not supported: give the endpoint itself");
        }
        var traits = Traits(endpoint, path);
        return new Endpoint
        {
            Address = ProtoValues.Socket(endpoint.Endpoint.Address, path + ".endpoint.address"),
            Hostname = ProtoValues.Text(endpoint.Endpoint.Hostname),
            Weight = traits.Weight,
            Health = traits.Health,
            IstioWorkload = traits.IstioWorkload,
            OtherMetadata = traits.OtherMetadata,
        };
    }

    private static EndpointHealth Health(HealthStatus status) => status switch
    {
        HealthStatus.Unknown or HealthStatus.Healthy => EndpointHealth.Healthy,
        HealthStatus.Degraded => EndpointHealth.Degraded,
        _ => EndpointHealth.Unhealthy,
    };

    /// <param name="metadata">Null = none.</param>
    /// <param name="isAll">There is nothing else in it.</param>
    private static string? Workload(Metadata? metadata, out bool isAll)
    {
        isAll = metadata is null || (metadata.FilterMetadata.Count == 0 && metadata.TypedFilterMetadata.Count == 0);
        if (isAll || !metadata!.FilterMetadata.TryGetValue("istio", out var istio)) return null;
        if (!istio.Fields.TryGetValue("workload", out var workload) || !workload.HasStringValue) return null;
        isAll = metadata.FilterMetadata.Count == 1 && metadata.TypedFilterMetadata.Count == 0 && istio.Fields.Count == 1;
        return workload.StringValue;
    }
}
