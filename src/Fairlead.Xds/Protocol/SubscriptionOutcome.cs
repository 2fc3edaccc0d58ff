namespace Fairlead.Xds.Protocol;

/// <summary>What a request turned out to be.</summary>
public enum RequestKind
{
    /// <summary>Asks for something, answering no response.</summary>
    Subscribe,

    /// <summary>Accepts the response that was sent last.</summary>
    Ack,

    /// <summary>Refuses the response that was sent last.</summary>
    Nack,

    /// <summary>Answers a response that a later one has replaced.</summary>
    Stale,
}

/// <summary>What the server must do about a request.</summary>
/// <param name="Kind">What the request was.</param>
/// <param name="MustAnswer">A response is due even when nothing has changed.</param>
/// <param name="Forced">Names that the response must hold even when the client was sent them before; empty with <paramref name="MustAnswer"/> means that an empty response will do.</param>
/// <param name="ForceAll">Everything that is subscribed must be in the response.</param>
public sealed record SubscriptionOutcome(RequestKind Kind, bool MustAnswer, IReadOnlyCollection<string> Forced, bool ForceAll)
{
    public static SubscriptionOutcome None(RequestKind kind) => new(kind, false, [], false);
}
