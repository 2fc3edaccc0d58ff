namespace Fairlead.Proxy.Loop;

/// <summary>Who speaks on a <see cref="Channel"/>. Calls come on the loop's thread; the channel may be closed inside any of them.</summary>
internal abstract class ChannelOwner
{
    /// <summary>An outgoing connection is there (<paramref name="errno"/> 0) or failed.</summary>
    public virtual void OnConnected(int errno) => throw new InvalidOperationException("this channel was not connecting");

    /// <summary>Bytes, the end of the stream or an error can be received.</summary>
    public abstract void OnReadable();

    /// <summary>What <see cref="EventLoop.SendLater"/> was called for: the events that were delivered together have been handled.</summary>
    public virtual void OnSendTurn() => throw new InvalidOperationException("this owner had nothing to send later");

    /// <summary>Sending is possible again after -EAGAIN.</summary>
    public abstract void OnWritable();
}
