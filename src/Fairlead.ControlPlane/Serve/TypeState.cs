using Fairlead.Xds.Names;
using Fairlead.Xds.Protocol;

namespace Fairlead.ControlPlane.Serve;

/// <summary>One type on one stream: the subscription, what the proxy holds by what we sent, and what is due.</summary>
internal sealed class TypeState(string typeUrl)
{
    public ServedSubscription Subscription { get; } = new(typeUrl, TypeUrl.IsWildcardType(typeUrl));

    /// <summary>What the proxy holds if it accepted everything: shared with other proxies, except while removals wait.</summary>
    public ResourceSet Held { get; set; } = ResourceSet.Empty;

    /// <summary>A response is due even when nothing has changed.</summary>
    public bool MustAnswer { get; set; }

    public bool ForceAll { get; set; }

    public HashSet<string> Forced { get; } = new(StringComparer.Ordinal);

    /// <summary>Resources that the mesh no longer has and that the proxy still holds, until what uses them has been replaced.</summary>
    public bool RemovalsWait { get; set; }

    public long SentBytes { get; set; }

    public void Take(SubscriptionOutcome outcome)
    {
        MustAnswer |= outcome.MustAnswer;
        ForceAll |= outcome.ForceAll;
        Forced.UnionWith(outcome.Forced);
    }

    public void Answered()
    {
        (MustAnswer, ForceAll) = (false, false);
        Forced.Clear();
        // A first request names a thousand; the table of that size would stay with each proxy.
        Forced.TrimExcess();
    }
}
