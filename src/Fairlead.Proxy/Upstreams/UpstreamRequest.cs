using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Upstreams;

/// <summary>
/// One attempt of a request as pools and upstream codecs see it: what they need to send it and whom they tell what becomes of
/// it. Codec-neutral, so that another protocol's connection serves the same requests.
/// </summary>
internal abstract class UpstreamRequest
{
    protected UpstreamRequest() => PoolNode = new LinkedListNode<UpstreamRequest>(this);

    /// <summary>The place in a pool's queue.</summary>
    public LinkedListNode<UpstreamRequest> PoolNode { get; }

    public abstract StreamInfo Info { get; }

    /// <summary>Where the response's head goes.</summary>
    public abstract HeaderBlock ResponseHeaders { get; }

    /// <summary>Null = the request has none.</summary>
    public abstract HeaderBlock? RequestTrailers { get; }

    /// <summary>Where the response's trailers go.</summary>
    public abstract HeaderBlock ResponseTrailers { get; }

    /// <summary>How the client spelled its header names; null = that is not kept.</summary>
    public abstract HeaderSpelling? RequestSpelling { get; }


    public abstract bool IsHeadRequest { get; }

    /// <summary>The request asks for another protocol, so 101 is a legal answer.</summary>
    public abstract bool IsUpgrade { get; }

    /// <summary>The client takes no more for now: reading the response stops.</summary>
    public abstract bool IsDownstreamFull { get; }

    public abstract CircuitBreaker Breaker { get; }

    /// <summary>The response's header names go to the client as the upstream spells them: where their spelling goes.</summary>
    public abstract HeaderSpelling KeepResponseSpelling();

    /// <summary>A connection is there: the request goes out. May be called within the pool's Acquire.</summary>
    public abstract void OnUpstreamReady(Http1ClientConnection connection);

    /// <summary>No connection could be made.</summary>
    public abstract void OnUpstreamFailed(UpstreamFailure failure, int errno);

    /// <summary>The connection was lost in the middle of the exchange.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="reusedAndSilent">The connection had served before and no byte of this response had come: the peer closed an idle connection just as it was used.</param>
    public abstract void OnUpstreamReset(UpstreamFailure failure, bool reusedAndSilent);

    /// <summary>A 1xx other than 101 stands in <see cref="ResponseHeaders"/>.</summary>
    public abstract void OnUpstreamInformational();

    public abstract void OnUpstreamHead(int code, bool end);

    public abstract void OnUpstreamData(ReadOnlySpan<byte> data);

    /// <summary>The response is complete. The connection has already let go of the request.</summary>
    public abstract void OnUpstreamEnd();

    /// <summary>What was handed on goes out now.</summary>
    public abstract void FlushDownstream();

    /// <summary>The upstream takes request bytes again.</summary>
    public abstract void ResumeDownstream();
}
