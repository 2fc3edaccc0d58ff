using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>The proxy's end of a simulated connection; behaves as <see cref="SocketChannel"/> does over a kernel's socket.</summary>
internal sealed class SimChannel : Channel
{
    private readonly EventLoop _loop;
    private readonly SimPipe _incoming;
    private readonly SimPipe _outgoing;
    private bool _blocked;

    public SimChannel(EventLoop loop, SimPipe incoming, SimPipe outgoing, IpEndpoint local, IpEndpoint remote, bool connected)
    {
        _loop = loop;
        _incoming = incoming;
        _outgoing = outgoing;
        Local = local;
        Remote = remote;
        MayRead = connected;
        incoming.Readable = OnReadable;
        outgoing.Writable = OnWritable;
    }

    public void Connected(int errno)
    {
        if (!IsOpen) return;
        _loop.Tick();
        Owner!.OnConnected(errno);
    }

    public override int Receive(Span<byte> destination)
    {
        if (!IsOpen || _incoming.ResetArrived) return -Libc.ECONNRESET;
        var count = _incoming.Read(destination);
        if (count == 0 && !_incoming.EndArrived)
        {
            MayRead = false;
            return -Libc.EAGAIN;
        }
        MayRead = count == destination.Length || _incoming.EndArrived;
        return count;
    }

    public override int Send(ReadOnlySpan<byte> source)
    {
        if (!IsOpen || _incoming.ResetArrived || _outgoing.ReaderIsGone) return -Libc.EPIPE;
        var count = _outgoing.Write(source);
        if (count < source.Length) _blocked = true;
        return count == 0 ? -Libc.EAGAIN : count;
    }

    public override void ShutdownSend()
    {
        if (IsOpen) _outgoing.End();
    }

    public override void Close(bool reset = false)
    {
        if (!IsOpen) return;
        IsOpen = false;
        MayRead = false;
        // As the kernel does: unread bytes make the end a reset.
        if (reset || _incoming.Available > 0) _outgoing.Reset();
        else _outgoing.End();
        _incoming.Abandon();
    }

    private void OnReadable()
    {
        if (!IsOpen) return;
        _loop.Tick();
        MayRead = true;
        Owner!.OnReadable();
    }

    private void OnWritable()
    {
        if (!IsOpen || !_blocked) return;
        _loop.Tick();
        _blocked = false;
        Owner!.OnWritable();
    }
}
