using System.Runtime.CompilerServices;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>Where endpoints come from: EndpointSlices of Services, addresses of ServiceEntries, the workloads those select.</summary>
internal static class EndpointSources
{
    private static readonly ConditionalWeakTable<EndpointSliceRecord, SliceEndpoints> Slices = [];

    public static IEnumerable<(string Namespace, string Host, ServiceEndpoint Endpoint)> All(
        ParsedResources resources, Dictionary<(string Namespace, string Name), WorkloadPod> pods)
    {
        var domain = resources.Settings.DomainSuffix;
        var clusterId = resources.Settings.ClusterId;
        foreach (var slice in resources.Slices)
        {
            foreach (var endpoint in Known(slice, pods, clusterId))
                yield return (slice.Namespace, KubernetesServices.HostOf(slice.Service, slice.Namespace, domain), endpoint);
        }

        foreach (var service in resources.Services)
        {
            foreach (var port in service.ExternalName.Length > 0 ? service.Ports : [])
                yield return (service.Namespace, service.Host, new ServiceEndpoint(service.ExternalName, port.Number, port.Name));
        }

        foreach (var entry in resources.Entries)
        {
            foreach (var (host, endpoint) in ServiceEntries.Endpoints(entry))
                yield return (entry.Meta.Namespace, host, endpoint);
            foreach (var (host, endpoint) in OfSelector(entry, resources, clusterId))
                yield return (entry.Meta.Namespace, host, endpoint);
        }
    }

    /// <summary>A change of one slice leaves the endpoints of all others as they are.</summary>
    private static ValueList<ServiceEndpoint> Known(EndpointSliceRecord slice, Dictionary<(string Namespace, string Name), WorkloadPod> pods, string clusterId)
    {
        if (Slices.TryGetValue(slice, out var known) && ReferenceEquals(known.Pods, pods) && known.ClusterId == clusterId)
            return known.Endpoints;
        var made = OfSlice(slice, pods, clusterId).ToValueList();
        Slices.AddOrUpdate(slice, new SliceEndpoints(pods, clusterId, made));
        return made;
    }

    private static IEnumerable<ServiceEndpoint> OfSlice(
        EndpointSliceRecord slice, Dictionary<(string Namespace, string Name), WorkloadPod> pods, string clusterId)
    {
        foreach (var endpoint in slice.Endpoints)
        {
            var pod = endpoint.Pod.Length > 0 ? pods.GetValueOrDefault((slice.Namespace, endpoint.Pod)) : null;
            var labels = pod?.Labels ?? ValueMap<string>.Empty;
            var workload = pod?.Identity(clusterId) ?? "";
            foreach (var address in endpoint.Addresses)
            {
                foreach (var port in slice.Ports)
                {
                    yield return new ServiceEndpoint(address, port.Number, port.Name)
                    {
                        Labels = labels,
                        Healthy = endpoint.Ready,
                        Workload = workload,
                    };
                }
            }
        }
    }

    private static IEnumerable<(string Host, ServiceEndpoint Endpoint)> OfSelector(ServiceEntry entry, ParsedResources resources, string clusterId)
    {
        if (entry.WorkloadSelector is not { Count: > 0 } selector)
            yield break;
        foreach (var pod in resources.Pods)
        {
            if (pod.Namespace != entry.Meta.Namespace || pod.Ip.Length == 0 || !LabelMatch.Includes(selector, pod.Labels))
                continue;
            foreach (var made in ServiceEntries.Endpoints(entry, pod, clusterId))
                yield return made;
        }

        foreach (var workload in resources.Workloads)
        {
            if (workload.Meta.Namespace != entry.Meta.Namespace || !LabelMatch.Includes(selector, workload.EffectiveLabels))
                continue;
            foreach (var made in ServiceEntries.Endpoints(entry, workload))
                yield return made;
        }
    }

    /// <summary>What was made of a slice, and of which pods.</summary>
    private sealed record SliceEndpoints(Dictionary<(string Namespace, string Name), WorkloadPod> Pods, string ClusterId, ValueList<ServiceEndpoint> Endpoints);
}
