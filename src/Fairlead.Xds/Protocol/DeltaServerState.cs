using Envoy.Service.Discovery.V3;

namespace Fairlead.Xds.Protocol;

/// <summary>
/// The server's side of one type on one incremental stream: subscriptions and the version of every resource that the client
/// was sent. Pure.
/// </summary>
public sealed class DeltaServerState(string typeUrl)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _sent = new(StringComparer.Ordinal);
    private bool _isSeen;

    public string TypeUrl { get; } = typeUrl;

    public bool IsWildcard { get; private set; }

    public bool IsSubscribed => IsWildcard || _names.Count > 0;

    public IReadOnlySet<string> Names => _names;

    /// <summary>Names of the last request that must be answered, also when the client holds them.</summary>
    public IReadOnlyList<string> AddedNames { get; private set; } = [];

    public string NonceSent { get; private set; } = string.Empty;

    public string NonceAcked { get; private set; } = string.Empty;

    public string? Error { get; private set; }

    public bool IsAwaitingAnswer => NonceSent.Length > 0 && NonceAcked != NonceSent && Error is null;

    public bool Wants(string name) => IsWildcard || _names.Contains(name);

    /// <summary>The version of a resource that the client holds or was sent; null = none.</summary>
    public string? VersionHeld(string name) => _sent.GetValueOrDefault(name);

    /// <summary>Names the client holds or was sent.</summary>
    public IReadOnlyCollection<string> Held => _sent.Keys;

    public RequestMeaning OnRequest(DeltaDiscoveryRequest request)
    {
        var isFirst = !_isSeen;
        _isSeen = true;
        if (isFirst)
        {
            foreach (var (name, version) in request.InitialResourceVersions) _sent[name] = version;
        }
        var isStale = !isFirst && request.ResponseNonce.Length > 0 && request.ResponseNonce != NonceSent;
        // A stale nonce does not stop subscription changes.
        var changed = TakeNames(request, isFirst);
        if (!isStale && request.ErrorDetail is not null)
        {
            Error = request.ErrorDetail.Message;
            return changed ? RequestMeaning.SubscriptionChanged : RequestMeaning.Nack;
        }
        if (!isStale && request.ResponseNonce.Length > 0)
        {
            NonceAcked = request.ResponseNonce;
            Error = null;
        }
        if (isFirst) return IsSubscribed ? RequestMeaning.Initial : RequestMeaning.Ack;
        if (AddedNames.Count > 0) return RequestMeaning.SubscriptionChanged;
        if (changed && !IsSubscribed) return RequestMeaning.Unsubscribed;
        return isStale ? RequestMeaning.Stale : RequestMeaning.Ack;
    }

    /// <summary>Makes the next response and remembers what the client now holds.</summary>
    /// <param name="systemVersion">For people; the protocol uses the versions of resources.</param>
    /// <param name="nonce">Unique on the stream.</param>
    /// <param name="resources">New and changed resources with name and version.</param>
    /// <param name="removed">Names that do not exist (any more).</param>
    public DeltaDiscoveryResponse Respond(
        string systemVersion, string nonce, IEnumerable<Resource> resources, IEnumerable<string> removed)
    {
        var response = new DeltaDiscoveryResponse { TypeUrl = TypeUrl, SystemVersionInfo = systemVersion, Nonce = nonce };
        foreach (var resource in resources)
        {
            response.Resources.Add(resource);
            _sent[resource.Name] = resource.Version;
        }
        foreach (var name in removed)
        {
            response.RemovedResources.Add(name);
            _sent.Remove(name);
        }
        NonceSent = nonce;
        Error = null;
        return response;
    }

    private bool TakeNames(DeltaDiscoveryRequest request, bool isFirst)
    {
        var added = new List<string>();
        var changed = false;
        foreach (var name in request.ResourceNamesSubscribe)
        {
            if (name == "*")
            {
                changed |= !IsWildcard;
                IsWildcard = true;
                continue;
            }
            changed |= _names.Add(name);
            added.Add(name);
        }
        foreach (var name in request.ResourceNamesUnsubscribe)
        {
            if (name == "*")
            {
                changed |= IsWildcard;
                IsWildcard = false;
                continue;
            }
            changed |= _names.Remove(name);
            _sent.Remove(name);
        }
        // The legacy form of the wildcard: a first request that names nothing.
        if (isFirst && request.ResourceNamesSubscribe.Count == 0 && Xds.Names.TypeUrl.IsWildcardType(TypeUrl)) IsWildcard = true;
        AddedNames = added;
        return changed;
    }
}
