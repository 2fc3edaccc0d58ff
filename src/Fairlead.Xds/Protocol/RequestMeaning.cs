namespace Fairlead.Xds.Protocol;

/// <summary>What a discovery request means to the server.</summary>
public enum RequestMeaning
{
    /// <summary>First of the type on this stream, or the first after a reconnect: answer with everything asked for.</summary>
    Initial,

    /// <summary>Accepts the last response and changes nothing: nothing to send.</summary>
    Ack,

    /// <summary>Refuses the last response: record the error, send nothing until something changes.</summary>
    Nack,

    /// <summary>The names changed: answer with what is new (for CDS and LDS: everything).</summary>
    SubscriptionChanged,

    /// <summary>Answers a response that is not the last one: ignore.</summary>
    Stale,

    /// <summary>An empty list after names: the client wants nothing of the type any more.</summary>
    Unsubscribed,
}
