using Envoy.Config.Core.V3;
using Envoy.Config.Endpoint.V3;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Google.Protobuf.WellKnownTypes;
using Locality = Fairlead.Config.Primitives.Locality;

namespace Fairlead.ControlPlane.Translate.Endpoints;

/// <summary>Everything a load assignment is made from; equality is the cache key.</summary>
public sealed record LoadAssignmentInput(string Cluster, ValueList<ServiceEndpoint> Endpoints);

/// <summary>The endpoints of a cluster, by locality.</summary>
internal static class LoadAssignment
{
    public static ClusterLoadAssignment Build(LoadAssignmentInput input)
    {
        var assignment = new ClusterLoadAssignment { ClusterName = input.Cluster };
        foreach (var group in input.Endpoints.Where(endpoint => endpoint.Healthy)
            .GroupBy(endpoint => endpoint.Locality, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var locality = Locality.Parse(group.Key);
            var made = new LocalityLbEndpoints
            {
                Locality = new Envoy.Config.Core.V3.Locality { Region = locality.Region, Zone = locality.Zone, SubZone = locality.SubZone },
            };
            made.LbEndpoints.AddRange(group.Select(EndpointOf));
            // A locality weighs what its endpoints weigh together, or distribution between localities would ignore their sizes.
            made.LoadBalancingWeight = (uint)group.Sum(endpoint => endpoint.Weight);
            assignment.Endpoints.Add(made);
        }

        return assignment;
    }

    private static LbEndpoint EndpointOf(ServiceEndpoint endpoint)
    {
        var made = new LbEndpoint
        {
            Endpoint = new Endpoint { Address = Addresses.Endpoint(endpoint.Address, endpoint.Port) },
            LoadBalancingWeight = (uint)endpoint.Weight,
        };
        if (endpoint.Workload.Length > 0)
        {
            made.Metadata = new Metadata
            {
                FilterMetadata = { { "istio", TypedConfig.Struct(("workload", Value.ForString(endpoint.Workload))) } },
            };
        }

        return made;
    }
}
