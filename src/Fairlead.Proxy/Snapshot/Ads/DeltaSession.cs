using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.Xds.Names;
using Fairlead.Xds.Protocol;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>The client's conversation on incremental streams. Runs on the main loop.</summary>
internal sealed class DeltaSession(ResourceSink sink, AdsReport report)
{
    private readonly Dictionary<string, DeltaSubscription> _subscriptions = ResourceSink.Types.ToDictionary(
        type => type, type => new DeltaSubscription(type, TypeUrl.IsWildcardType(type)), StringComparer.Ordinal);

    public List<DeltaDiscoveryRequest> OnConnected(Node node)
    {
        var requests = new List<DeltaDiscoveryRequest>();
        foreach (var subscription in _subscriptions.Values)
        {
            subscription.OnDisconnected();
            var names = sink.Names(subscription.TypeUrl).ToList();
            if (!TypeUrl.IsWildcardType(subscription.TypeUrl))
            {
                if (names.Count == 0) continue;
                subscription.Subscribe(names);
            }
            var request = subscription.OnConnected(node);
            if (requests.Count > 0) request.Node = null;
            requests.Add(request);
        }
        return requests;
    }

    public List<DeltaDiscoveryRequest> OnResponse(DeltaDiscoveryResponse response)
    {
        if (!_subscriptions.TryGetValue(response.TypeUrl, out var subscription)) return [];
        var resources = response.Resources.Where(resource => resource.Resource_ is not null).Select(resource => resource.Resource_).ToList();
        var result = sink.Change(response.TypeUrl, resources, response.RemovedResources, response.SystemVersionInfo);
        var message = result.IsAccepted ? null : result.Message(ResourceSink.Kind(response.TypeUrl));
        report.Updated(response.TypeUrl, response.SystemVersionInfo, message);
        List<DeltaDiscoveryRequest> requests =
        [
            message is null
                ? subscription.Ack(response)
                : subscription.Nack(response, result.Errors.Select(error => error.Name).ToHashSet(StringComparer.Ordinal), message),
        ];
        requests.AddRange(OnNamesChanged());
        return requests;
    }

    public List<DeltaDiscoveryRequest> OnNamesChanged()
    {
        var requests = new List<DeltaDiscoveryRequest>();
        foreach (var subscription in _subscriptions.Values.Where(subscription => !TypeUrl.IsWildcardType(subscription.TypeUrl)))
        {
            if (subscription.Subscribe(sink.Names(subscription.TypeUrl)) is { } request) requests.Add(request);
        }
        return requests;
    }
}
