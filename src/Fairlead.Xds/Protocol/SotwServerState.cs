using Envoy.Service.Discovery.V3;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Xds.Protocol;

/// <summary>
/// The server's side of one type on one state-of-the-world stream: what the client asked for, what it was sent, what it
/// accepted. Pure; nonces come from a counter of the stream.
/// </summary>
public sealed class SotwServerState(string typeUrl)
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private bool _isSeen;
    private bool _hasNamed;

    public string TypeUrl { get; } = typeUrl;

    /// <summary>The client asked for this type and has not unsubscribed.</summary>
    public bool IsSubscribed { get; private set; }

    /// <summary>No name was ever sent, or "*" is among them.</summary>
    public bool IsWildcard { get; private set; }

    /// <summary>Names without "*".</summary>
    public IReadOnlySet<string> Names => _names;

    /// <summary>Names of the last request that were not asked for before it.</summary>
    public IReadOnlyList<string> AddedNames { get; private set; } = [];

    public string NonceSent { get; private set; } = string.Empty;

    public string VersionSent { get; private set; } = string.Empty;

    public string NonceAcked { get; private set; } = string.Empty;

    public string VersionAcked { get; private set; } = string.Empty;

    /// <summary>Text of the last refusal; null after an acceptance.</summary>
    public string? Error { get; private set; }

    /// <summary>A response is out and not yet answered: the next push merges into one and waits.</summary>
    public bool IsAwaitingAnswer => NonceSent.Length > 0 && NonceAcked != NonceSent && Error is null;

    public bool Wants(string name) => IsSubscribed && (IsWildcard || _names.Contains(name));

    /// <summary>Takes a request in and says what it means.</summary>
    public RequestMeaning OnRequest(DiscoveryRequest request)
    {
        var isReconnect = !_isSeen || NonceSent.Length == 0;
        if (!isReconnect && request.ResponseNonce.Length > 0 && request.ResponseNonce != NonceSent) return RequestMeaning.Stale;
        if (request.ErrorDetail is not null)
        {
            Error = request.ErrorDetail.Message;
            NonceAcked = string.Empty;
            if (isReconnect) TakeNames(request);
            _isSeen = true;
            return RequestMeaning.Nack;
        }
        _isSeen = true;
        var isRepeated = !isReconnect && request.ResponseNonce.Length > 0 && request.ResponseNonce == NonceAcked;
        if (!isReconnect && request.ResponseNonce.Length > 0)
        {
            NonceAcked = request.ResponseNonce;
            VersionAcked = request.VersionInfo;
            Error = null;
        }
        var wasSubscribed = IsSubscribed;
        var changed = TakeNames(request);
        if (!IsSubscribed) return wasSubscribed ? RequestMeaning.Unsubscribed : RequestMeaning.Ack;
        if (isReconnect || !wasSubscribed) return RequestMeaning.Initial;
        if (changed) return RequestMeaning.SubscriptionChanged;
        // The same names again after the acceptance: the client wants a fresh answer (a cluster that warms does).
        return isRepeated || request.ResponseNonce.Length == 0 ? RequestMeaning.Initial : RequestMeaning.Ack;
    }

    /// <summary>Makes the next response and remembers it as sent.</summary>
    public DiscoveryResponse Respond(string version, string nonce, IEnumerable<Any> resources)
    {
        var response = new DiscoveryResponse { TypeUrl = TypeUrl, VersionInfo = version, Nonce = nonce };
        response.Resources.Add(resources);
        NonceSent = nonce;
        VersionSent = version;
        Error = null;
        return response;
    }

    private bool TakeNames(DiscoveryRequest request)
    {
        var asked = new HashSet<string>(request.ResourceNames, StringComparer.Ordinal);
        if (asked.Count > 0) _hasNamed = true;
        var isWildcard = asked.Remove("*") || !_hasNamed;
        AddedNames = [.. asked.Where(name => !_names.Contains(name))];
        var changed = isWildcard != IsWildcard || !asked.SetEquals(_names);
        _names.Clear();
        _names.UnionWith(asked);
        // Types by name have no wildcard: a first request without names asks for nothing.
        IsWildcard = isWildcard && AllowsWildcard(TypeUrl);
        IsSubscribed = IsWildcard || _names.Count > 0;
        return changed;
    }

    private static bool AllowsWildcard(string typeUrl) =>
        typeUrl is not (Xds.Names.TypeUrl.Endpoints or Xds.Names.TypeUrl.Routes or Xds.Names.TypeUrl.Secret);
}
