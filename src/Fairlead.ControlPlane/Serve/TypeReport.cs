using Fairlead.Xds.Names;
namespace Fairlead.ControlPlane.Serve;

/// <summary>How one proxy stands with one type, as <c>proxy-status</c> shows it.</summary>
/// <param name="Type">CDS, EDS, LDS, RDS.</param>
/// <param name="State">SYNCED (answered), STALE (sent, not answered), NOT SENT (subscribed, nothing to send), ERROR (refused).</param>
/// <param name="Reason">Why the proxy refused; empty when it did not.</param>
public sealed record TypeReport(string Type, string State, string Reason, string SentVersion, string AcceptedVersion, int Names, long SentBytes)
{
    internal static TypeReport Of(TypeState state)
    {
        var subscription = state.Subscription;
        var standing = subscription switch
        {
            { Nonce.Length: 0 } => "NOT SENT",
            { IsOutstanding: true } => "STALE",
            { Rejection: not null } => "ERROR",
            _ => "SYNCED",
        };
        return new TypeReport(
            TypeUrl.ShortName(subscription.TypeUrl), standing, subscription.Rejection ?? "", subscription.SentVersion, subscription.AcceptedVersion,
            subscription.WantsAll ? -1 : subscription.Names.Count, state.SentBytes);
    }
}
