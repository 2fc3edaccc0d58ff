using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>
/// Endpoints and EndpointSlices of Services: from the pods that the selector takes, or, for Services without one, slices
/// mirrored from Endpoints that someone wrote by hand.
/// </summary>
internal sealed class EndpointController(ObjectStore store, ResourceWriter writer, ResourceRemoval removal) : IController
{
    public const string ServiceLabel = "kubernetes.io/service-name";
    private const string ManagedBy = "endpointslice.kubernetes.io/managed-by";

    public string Name => "endpointslice-controller.k8s.io";
    public IReadOnlyList<KindDescriptor> Watched { get; } = [KindTable.Service, KindTable.Pod, KindTable.Endpoints];

    public IEnumerable<ResourceKey> Touched(StoreEvent change)
    {
        var key = change.Object.Key;
        if (key.Kind != KindTable.Pod)
            return [new ResourceKey(KindTable.Service, key.Namespace, key.Name)];
        return store.State.In(KindTable.Service, key.Namespace)
            .Where(service => Selects(service, change.Object) || (change.Previous is { } before && Selects(service, before)))
            .Select(service => service.Key);
    }

    public async Task<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellation)
    {
        var stored = store.State.Find(key);
        if (stored is null or { IsBeingDeleted: true })
        {
            await RemoveAsync(key, cancellation);
            return null;
        }
        var service = stored.Read();
        var selector = service.Root.TextMapAt("spec.selector");
        if (service.Root.TextAt("spec.type") == "ExternalName")
            return null;
        if (selector.Count == 0)
        {
            await MirrorAsync(service, cancellation);
            return null;
        }
        var pods = store.State.In(KindTable.Pod, key.Namespace).Where(pod => LabelSelector.FromMap(selector).Matches(pod.Labels))
            .Select(pod => pod.Read()).Where(pod => pod.Root.TextAt("status.podIP").Length > 0 && !Owners.IsOver(pod)).ToList();
        await WriteSlicesAsync(service, EndpointSets.Slices(service, pods), cancellation);
        await WriteEndpointsAsync(service, EndpointSets.Subsets(service, pods), cancellation);
        return null;
    }

    private static bool Selects(StoredObject service, StoredObject pod)
    {
        var selector = service.Read().Root.TextMapAt("spec.selector");
        return selector.Count > 0 && selector.All(pair => pod.Labels.GetValueOrDefault(pair.Key) == pair.Value);
    }

    private async Task RemoveAsync(ResourceKey service, CancellationToken cancellation)
    {
        foreach (var slice in Slices(service.Namespace, service.Name))
            await DeleteAsync(slice.Key, cancellation);
        if (store.State.Find(service with { Kind = KindTable.Endpoints }) is { } endpoints)
            await DeleteAsync(endpoints.Key, cancellation);
    }

    private async Task DeleteAsync(ResourceKey key, CancellationToken cancellation)
    {
        if (store.State.Find(key) is { } stored)
            await removal.DeleteAsync(ResourceRequest.Internal(Name, key.Kind, key.Namespace, key.Name, cancellation), new DeleteOptions { Uid = stored.Uid });
    }

    private List<StoredObject> Slices(string @namespace, string service) =>
        [.. store.State.In(KindTable.EndpointSlice, @namespace).Where(slice => slice.Labels.GetValueOrDefault(ServiceLabel) == service
            && slice.Labels.GetValueOrDefault(ManagedBy) == Name)];

    private async Task MirrorAsync(KubeObject service, CancellationToken cancellation)
    {
        if (store.State.Find(new ResourceKey(KindTable.Endpoints, service.Namespace, service.Name)) is not { } endpoints)
            return;
        await WriteSlicesAsync(service, EndpointSets.Mirrored(endpoints.Read()), cancellation);
    }

    private async Task WriteSlicesAsync(KubeObject service, List<JsonObject> wanted, CancellationToken cancellation)
    {
        var names = new HashSet<string>();
        for (var i = 0; i < wanted.Count; i++)
        {
            var name = $"{service.Name}-{Fnv.Suffix($"{service.Uid}/{i}")}";
            names.Add(name);
            var slice = wanted[i];
            slice["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = service.Namespace,
                ["labels"] = Labels(service),
                ["ownerReferences"] = new JsonArray(Owners.Reference(service)),
            };
            await WriteAsync(KindTable.EndpointSlice, service.Namespace, name, slice, ["addressType", "endpoints", "ports"], cancellation);
        }
        foreach (var stale in Slices(service.Namespace, service.Name).Where(slice => !names.Contains(slice.Key.Name)))
            await DeleteAsync(stale.Key, cancellation);
    }

    private async Task WriteEndpointsAsync(KubeObject service, JsonArray subsets, CancellationToken cancellation)
    {
        var labels = new JsonObject();
        foreach (var (key, value) in service.Labels)
            labels[key] = value;
        var endpoints = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = service.Name, ["namespace"] = service.Namespace, ["labels"] = labels },
        };
        if (subsets.Count > 0)
            endpoints["subsets"] = subsets;
        await WriteAsync(KindTable.Endpoints, service.Namespace, service.Name, endpoints, ["subsets"], cancellation);
    }

    private static JsonObject Labels(KubeObject service)
    {
        var labels = new JsonObject { [ServiceLabel] = service.Name, [ManagedBy] = "endpointslice-controller.k8s.io" };
        foreach (var (key, value) in service.Labels)
            labels[key] = value;
        if (service.Root.TextAt("spec.clusterIP") == "None")
            labels["service.kubernetes.io/headless"] = "";
        return labels;
    }

    private async Task WriteAsync(KindDescriptor kind, string @namespace, string name, JsonObject wanted, string[] fields, CancellationToken cancellation)
    {
        var request = ResourceRequest.Internal(Name, kind, @namespace, name, cancellation);
        if (store.State.Find(request.Key) is not { } stored)
        {
            await CreateAsync(request, wanted);
            return;
        }
        var next = stored.Read();
        foreach (var field in fields)
        {
            next.Root.Remove(field);
            if (wanted[field] is { } value)
                next.Root[field] = value.DeepClone();
        }
        next.Metadata["labels"] = wanted["metadata"]!["labels"]!.DeepClone();
        await writer.UpdateAsync(request, next);
    }

    private async Task CreateAsync(ResourceRequest request, JsonObject wanted)
    {
        try
        {
            await writer.CreateAsync(request, new KubeObject(wanted));
        }
        catch (Refusal gone) when (gone.Code is 403 or 404)
        {
            // The namespace is on its way out, and the Service with it.
            return;
        }
    }
}
