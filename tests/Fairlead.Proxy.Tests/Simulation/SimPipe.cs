namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>One direction of a connection: a bounded buffer whose bytes arrive later than they were written, in order, perhaps in pieces.</summary>
internal sealed class SimPipe(SimNetwork network)
{
    private readonly int _capacity = network.Random.Next(network.IsCalm ? 4096 : 2048, 64 * 1024);
    private readonly Queue<byte> _arrived = new();
    private long _lastArrival;
    private int _inFlight;
    private bool _writerWaits;
    private bool _ended;

    /// <summary>Bytes, the end or a reset arrived.</summary>
    public Action Readable { get; set; } = () => { };

    /// <summary>There is room again after a write was cut short.</summary>
    public Action Writable { get; set; } = () => { };

    /// <summary>Bytes reached a closed socket.</summary>
    public Action Refused { get; set; } = () => { };

    public int Available => _arrived.Count;

    public bool EndArrived { get; private set; }

    public bool ResetArrived { get; private set; }

    public bool ReaderIsGone { get; private set; }

    /// <summary>How many bytes were taken; fewer than given where there is no room, or where the network likes it so.</summary>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        if (_ended) throw new InvalidOperationException("bytes are written after the end");
        var taken = Math.Min(bytes.Length, _capacity - _inFlight - _arrived.Count);
        if (taken > 1 && network.Random.Next(8) == 0) taken = network.Random.Next(1, taken);
        if (taken < bytes.Length) _writerWaits = true;
        if (taken <= 0) return 0;
        var chunk = bytes[..taken].ToArray();
        _inFlight += taken;
        Arrive(() => Take(chunk));
        // Room that is left although the write was cut: the writer hears of it without a read.
        if (taken < bytes.Length && _inFlight + _arrived.Count < _capacity) Arrive(TellWriter);
        return taken;
    }

    public void End()
    {
        if (_ended) return;
        _ended = true;
        Arrive(() =>
        {
            EndArrived = true;
            Readable();
        });
    }

    public void Reset()
    {
        _ended = true;
        network.After(network.Latency(), () =>
        {
            ResetArrived = true;
            _arrived.Clear();
            Readable();
        });
    }

    public int Read(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, _arrived.Count);
        for (var i = 0; i < count; i++) destination[i] = _arrived.Dequeue();
        if (count > 0 && _writerWaits) network.After(network.Latency(), TellWriter);
        return count;
    }

    /// <summary>The reader closed: what still comes is refused.</summary>
    public void Abandon()
    {
        ReaderIsGone = true;
        _arrived.Clear();
    }

    private void Take(byte[] chunk)
    {
        _inFlight -= chunk.Length;
        if (ReaderIsGone)
        {
            Refused();
            return;
        }
        if (ResetArrived) return;
        foreach (var value in chunk) _arrived.Enqueue(value);
        Readable();
    }

    private void TellWriter()
    {
        if (!_writerWaits || _inFlight + _arrived.Count >= _capacity) return;
        _writerWaits = false;
        Writable();
    }

    private void Arrive(Action happening)
    {
        _lastArrival = Math.Max(_lastArrival, network.Clock.Now + network.Latency().Ticks);
        network.At(_lastArrival, happening);
    }
}
