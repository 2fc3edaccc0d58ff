using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;

namespace Fairlead.Xds.Protocol;

/// <summary>
/// The client's side of one type on an incremental stream (xDS protocol document, "Incremental xDS"). Pure. Names and the
/// versions held outlive a stream; the first request of a new stream carries both.
/// </summary>
public sealed class DeltaSubscription(string typeUrl, bool isWildcard)
{
    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);

    public string TypeUrl { get; } = typeUrl;

    public IReadOnlyCollection<string> Names => _names;

    /// <summary>Versions of the accepted resources by name.</summary>
    public IReadOnlyDictionary<string, string> Versions => _versions;

    public bool IsOpen { get; private set; }

    public bool IsIdle => !isWildcard && _names.Count == 0 && !IsOpen;

    public DeltaDiscoveryRequest OnConnected(Node node)
    {
        IsOpen = true;
        var request = new DeltaDiscoveryRequest { TypeUrl = TypeUrl, Node = node };
        // No names at all is the legacy wildcard; a wildcard beside names must be said.
        if (isWildcard && _names.Count > 0) request.ResourceNamesSubscribe.Add("*");
        request.ResourceNamesSubscribe.Add(_names);
        request.InitialResourceVersions.Add(_versions);
        return request;
    }

    public void OnDisconnected() => IsOpen = false;

    /// <summary>Replaces the subscribed names and says only the difference. Null = nothing changed.</summary>
    public DeltaDiscoveryRequest? Subscribe(IEnumerable<string> names)
    {
        var wanted = new SortedSet<string>(names, StringComparer.Ordinal);
        var added = wanted.Except(_names).ToList();
        var removed = _names.Except(wanted).ToList();
        if (added.Count == 0 && removed.Count == 0) return null;
        _names.Clear();
        _names.UnionWith(wanted);
        foreach (var name in removed) _versions.Remove(name);
        IsOpen = true;
        var request = new DeltaDiscoveryRequest { TypeUrl = TypeUrl };
        request.ResourceNamesSubscribe.Add(added);
        request.ResourceNamesUnsubscribe.Add(removed);
        return request;
    }

    /// <summary>Asks again for names already held; the server must answer them.</summary>
    public DeltaDiscoveryRequest Resend(IEnumerable<string> names)
    {
        var request = new DeltaDiscoveryRequest { TypeUrl = TypeUrl };
        request.ResourceNamesSubscribe.Add(names);
        return request;
    }

    public DeltaDiscoveryRequest Ack(DeltaDiscoveryResponse response)
    {
        foreach (var resource in response.Resources) _versions[resource.Name] = resource.Version;
        foreach (var name in response.RemovedResources) _versions.Remove(name);
        return new DeltaDiscoveryRequest { TypeUrl = TypeUrl, ResponseNonce = response.Nonce };
    }

    /// <summary>Refuses a response; the resources that were good in it count as held, as Envoy applies them.</summary>
    public DeltaDiscoveryRequest Nack(DeltaDiscoveryResponse response, IReadOnlySet<string> refused, string message)
    {
        foreach (var resource in response.Resources)
        {
            if (!refused.Contains(resource.Name)) _versions[resource.Name] = resource.Version;
        }
        foreach (var name in response.RemovedResources) _versions.Remove(name);
        return new DeltaDiscoveryRequest
        {
            TypeUrl = TypeUrl,
            ResponseNonce = response.Nonce,
            ErrorDetail = new Google.Rpc.Status { Code = (int)Grpc.GrpcStatusCode.Internal, Message = message },
        };
    }
}
