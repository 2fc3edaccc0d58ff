using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.Xds.Names;
using Fairlead.Xds.Protocol;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>
/// The client's conversation on state-of-the-world streams: which requests a response leads to. Subscriptions outlive a stream.
/// Runs on the main loop.
/// </summary>
internal sealed class SotwSession(ResourceSink sink, AdsReport report)
{
    private readonly Dictionary<string, SotwSubscription> _subscriptions = ResourceSink.Types.ToDictionary(
        type => type, type => new SotwSubscription(type, TypeUrl.IsWildcardType(type)), StringComparer.Ordinal);

    public IReadOnlyCollection<SotwSubscription> Subscriptions => _subscriptions.Values;

    /// <summary>The first requests of a new stream; only the first carries the node.</summary>
    public List<DiscoveryRequest> OnConnected(Node node)
    {
        var requests = new List<DiscoveryRequest>();
        foreach (var subscription in _subscriptions.Values)
        {
            subscription.OnDisconnected();
            if (!TypeUrl.IsWildcardType(subscription.TypeUrl) && !sink.Names(subscription.TypeUrl).Any()) continue;
            subscription.Subscribe(sink.Names(subscription.TypeUrl));
            var request = subscription.OnConnected(node);
            if (requests.Count > 0) request.Node = null;
            requests.Add(request);
        }
        return requests;
    }

    public List<DiscoveryRequest> OnResponse(DiscoveryResponse response)
    {
        if (!_subscriptions.TryGetValue(response.TypeUrl, out var subscription)) return [];
        var result = sink.Replace(response.TypeUrl, response.Resources, response.VersionInfo);
        var message = result.IsAccepted ? null : result.Message(ResourceSink.Kind(response.TypeUrl));
        report.Updated(response.TypeUrl, response.VersionInfo, message);
        List<DiscoveryRequest> requests = [message is null ? subscription.Ack(response) : subscription.Nack(response, message)];
        requests.AddRange(OnNamesChanged());
        return requests;
    }

    /// <summary>Requests for names that have come or gone.</summary>
    public List<DiscoveryRequest> OnNamesChanged()
    {
        var requests = new List<DiscoveryRequest>();
        foreach (var subscription in _subscriptions.Values)
        {
            if (TypeUrl.IsWildcardType(subscription.TypeUrl)) continue;
            var names = sink.Names(subscription.TypeUrl).ToList();
            if (names.Count == 0 && !subscription.IsOpen) continue;
            if (subscription.Subscribe(names) is { } request) requests.Add(request);
        }
        return requests;
    }
}
