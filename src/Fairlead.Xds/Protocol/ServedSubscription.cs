namespace Fairlead.Xds.Protocol;

/// <summary>
/// The server's view of one type on one discovery stream: what the client wants, which response it has not answered yet, what it accepted and refused
/// last. Pure: no sockets, no clock. (xDS protocol documentation: ACK/NACK, "How the client specifies what resources to return", wildcard rules.)
/// </summary>
public sealed class ServedSubscription(string typeUrl, bool wildcardByDefault)
{
    /// <summary>The name that stands for every resource.</summary>
    public const string Wildcard = "*";

    private NameSet names = NameSet.Empty;
    private bool everNamed;
    private bool begun;

    public string TypeUrl { get; } = typeUrl;

    /// <summary>Everything is wanted; <see cref="Names"/> may hold names besides.</summary>
    public bool WantsAll { get; private set; }

    public NameSet Names => names;

    public bool WantsAnything => WantsAll || names.Count > 0;

    /// <summary>The last response's; empty before the first.</summary>
    public string Nonce { get; private set; } = "";

    public string SentVersion { get; private set; } = "";

    /// <summary>The last version that the client accepted; empty when none.</summary>
    public string AcceptedVersion { get; private set; } = "";

    /// <summary>Why the client refused the last response; null when it did not.</summary>
    public string? Rejection { get; private set; }

    /// <summary>The last response has not been answered.</summary>
    public bool IsOutstanding { get; private set; }

    public bool Wants(string name) => WantsAll || names.Contains(name);

    /// <summary>A response was handed to the transport.</summary>
    public void OnSent(string version, string nonce)
    {
        (SentVersion, Nonce) = (version, nonce);
        IsOutstanding = true;
    }

    public SubscriptionOutcome Receive(SubscriptionRequest request)
    {
        var kind = Classify(request);
        if (kind == RequestKind.Stale && !request.IsDelta)
            return SubscriptionOutcome.None(kind);
        var wasIdle = !IsOutstanding;
        if (kind is RequestKind.Ack or RequestKind.Nack)
            Settle(request.Rejection);
        var first = !begun;
        begun = true;
        return request.IsDelta ? ReceiveDelta(request, kind, first) : ReceiveNames(request, kind, first, wasIdle);
    }

    private RequestKind Classify(SubscriptionRequest request)
    {
        if (request.ResponseNonce.Length == 0 || Nonce.Length == 0)
            return RequestKind.Subscribe;
        if (request.ResponseNonce != Nonce)
            return RequestKind.Stale;
        return request.Rejection is null ? RequestKind.Ack : RequestKind.Nack;
    }

    private void Settle(string? rejection)
    {
        Rejection = rejection;
        if (IsOutstanding && rejection is null)
            AcceptedVersion = SentVersion;
        IsOutstanding = false;
    }

    private SubscriptionOutcome ReceiveNames(SubscriptionRequest request, RequestKind kind, bool first, bool wasIdle)
    {
        var (hadAll, before) = (WantsAll, names);
        everNamed |= request.Names.Count > 0;
        // An acknowledgement repeats the names: the set that is kept stands for them.
        if (!names.Holds(request.Names))
            names = NameSet.Of(request.Names.Where(name => name != Wildcard));
        WantsAll = request.Names.Contains(Wildcard) || (request.Names.Count == 0 && !everNamed && wildcardByDefault);

        List<string> added = ReferenceEquals(names, before) ? [] : [.. names.Where(name => !before.Contains(name))];
        if (first || (WantsAll && !hadAll))
            return new SubscriptionOutcome(kind, WantsAnything, added, ForceAll: true);
        if (added.Count > 0)
            return new SubscriptionOutcome(kind, true, added, ForceAll: false);
        // The same names once more with nothing to acknowledge: a cluster that warms again asks for its endpoints although they did not change.
        var asksAgain = wasIdle && kind != RequestKind.Nack && names.Count > 0 && ReferenceEquals(names, before);
        return asksAgain ? new SubscriptionOutcome(kind, true, [], ForceAll: true) : SubscriptionOutcome.None(kind);
    }

    private SubscriptionOutcome ReceiveDelta(SubscriptionRequest request, RequestKind kind, bool first)
    {
        var forced = new List<string>();
        var hadAll = WantsAll;
        if (first && wildcardByDefault && request.Names.Count == 0 && request.Unsubscribed.Count == 0)
            WantsAll = true;
        var changed = new HashSet<string>(StringComparer.Ordinal);
        if (request.Names.Count > 0 || request.Unsubscribed.Count > 0)
            changed.UnionWith(names);
        foreach (var name in request.Names)
        {
            if (name == Wildcard)
                WantsAll = true;
            else
            {
                changed.Add(name);
                forced.Add(name);
            }
        }
        foreach (var name in request.Unsubscribed)
        {
            if (name == Wildcard)
                WantsAll = false;
            else if (changed.Remove(name) && WantsAll)
                forced.Add(name); // Still wanted through the wildcard: say what it is.
        }
        if (request.Names.Count > 0 || request.Unsubscribed.Count > 0)
            names = NameSet.Of(changed);
        var newlyAll = WantsAll && !hadAll;
        return forced.Count > 0 || newlyAll ? new SubscriptionOutcome(kind, true, forced, ForceAll: false) : SubscriptionOutcome.None(kind);
    }
}
