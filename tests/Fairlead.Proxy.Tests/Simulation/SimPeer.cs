namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>The other end of a simulated connection: a client or an upstream that is no part of the proxy.</summary>
internal abstract class SimPeer
{
    private readonly SimPipe _incoming;
    private readonly SimPipe _outgoing;
    private readonly Queue<byte[]> _waiting = new();
    private byte[] _rest = [];
    private bool _endAfter;
    private bool _stalled;

    protected SimPeer(SimNetwork network, SimPipe incoming, SimPipe outgoing)
    {
        Network = network;
        _incoming = incoming;
        _outgoing = outgoing;
        incoming.Readable = Read;
        outgoing.Writable = Push;
        outgoing.Refused = Lost;
    }

    public bool IsClosed { get; private set; }

    protected SimNetwork Network { get; }

    protected abstract void OnBytes(ReadOnlySpan<byte> bytes);

    /// <summary>The other side ended or reset the connection.</summary>
    protected abstract void OnGone(bool reset);

    protected void Write(byte[] bytes)
    {
        if (IsClosed) return;
        _waiting.Enqueue(bytes);
        Push();
    }

    /// <summary>Half close, once everything is written.</summary>
    protected void EndAfterWriting()
    {
        _endAfter = true;
        Push();
    }

    /// <summary>Takes nothing for a while.</summary>
    protected void Stall(TimeSpan time)
    {
        _stalled = true;
        Network.After(time, () =>
        {
            _stalled = false;
            Read();
        });
    }

    protected void Close(bool reset)
    {
        if (IsClosed) return;
        IsClosed = true;
        if (reset || _incoming.Available > 0 || _waiting.Count > 0 || _rest.Length > 0) _outgoing.Reset();
        else _outgoing.End();
        _incoming.Abandon();
    }

    private void Push()
    {
        while (!IsClosed)
        {
            if (_rest.Length == 0 && !_waiting.TryDequeue(out _rest!))
            {
                _rest = [];
                break;
            }
            var taken = _outgoing.Write(_rest);
            _rest = _rest[taken..];
            if (_rest.Length > 0) return;
        }
        if (_endAfter && !IsClosed) _outgoing.End();
    }

    private void Read()
    {
        if (IsClosed || _stalled) return;
        var buffer = new byte[4096];
        while (!IsClosed && !_stalled && _incoming.Read(buffer) is > 0 and var count) OnBytes(buffer.AsSpan(0, count));
        if (IsClosed || _stalled) return;
        if (_incoming.ResetArrived) Lost();
        else if (_incoming.EndArrived && _incoming.Available == 0) OnGone(reset: false);
    }

    private void Lost()
    {
        if (IsClosed) return;
        IsClosed = true;
        _incoming.Abandon();
        OnGone(reset: true);
    }
}
