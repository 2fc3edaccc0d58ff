namespace Fairlead.Proxy.Loop;

/// <summary>
/// A non-blocking byte stream between a codec and the outside: a TCP socket, a scripted one in simulations, a TLS engine
/// over another channel later. Results follow the system calls: bytes moved, or a negative errno; -EAGAIN means "not now",
/// and the owner is told when it changes.
/// </summary>
internal abstract class Channel
{
    /// <summary>Told of readiness; set by whoever speaks the protocol on this channel.</summary>
    public ChannelOwner? Owner { get; set; }

    public IpEndpoint Local { get; protected set; }

    public IpEndpoint Remote { get; protected set; }

    public bool IsOpen { get; protected set; } = true;

    /// <summary>An error was announced (a reset): whatever is still waiting to be sent on or received from this channel is lost.</summary>
    public bool HasError { get; protected set; }

    /// <summary>Whether a receive may bring bytes: true after an edge until a receive came back short.</summary>
    public bool MayRead { get; protected set; }

    /// <summary>Bytes received, 0 at the peer's end of stream, or -errno.</summary>
    public abstract int Receive(Span<byte> destination);

    /// <summary>Bytes accepted for sending (perhaps fewer than given), or -errno.</summary>
    public abstract int Send(ReadOnlySpan<byte> source);

    /// <summary>Sends the end of the stream; receiving goes on.</summary>
    public abstract void ShutdownSend();

    /// <param name="reset">True aborts: the peer sees a reset instead of an end.</param>
    public abstract void Close(bool reset = false);
}
