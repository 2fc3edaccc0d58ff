using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tcp;

/// <summary>
/// One direction of a TCP relay. Short connections copy through one pooled block; after <see cref="SpliceAfterBytes"/> a bulk
/// transfer moves pages through a pipe (splice(2)) without copying them here. Memory is constant: reading stops while what
/// was read cannot be sent.
/// </summary>
internal sealed class Relay
{
    private const long SpliceAfterBytes = 256 * 1024; // a pipe costs two descriptors and three calls: not worth it for less
    private const int ReadBytes = BufferPool.BlockBytes;
    private const int MaxBytesPerTurn = 256 * 1024; // then other connections of the loop have their turn; spliced bytes cost less than copied ones

    private readonly BufferPool _pool;
    private readonly Channel _from;
    private readonly Channel _to;
    private readonly OutputQueue _queue;
    private SplicePipe? _pipe;
    private long _total;
    private bool _ended;
    private bool _endSent;
    private bool _noSplice;

    public Relay(BufferPool pool, Channel from, Channel to)
    {
        _pool = pool;
        _from = from;
        _to = to;
        _queue = new OutputQueue(pool);
        _noSplice = from is not SocketChannel || to is not SocketChannel;
    }

    public enum State
    {
        Open,
        Ended,
        Broken,
    }

    /// <summary>Bytes in front of everything read (a listener filter's).</summary>
    public void Queue(ReadOnlySpan<byte> bytes)
    {
        _queue.Write(bytes);
        _total += bytes.Length;
    }

    /// <summary>The last <see cref="Move"/> stopped because its share was used up, not because a side said "not now".</summary>
    public bool HasMore { get; private set; }

    /// <summary>Bytes read and not yet sent: while there are any, nothing more is read.</summary>
    public long Held => _queue.Length + (_pipe?.Held ?? 0);

    /// <summary>Moves until one side says "not now". Returns the bytes handed on.</summary>
    public long Move(out State state)
    {
        var moved = 0L;
        state = State.Broken;
        HasMore = false;
        if (!FlushQueue(ref moved)) return moved;
        while (_queue.IsEmpty && !_ended && _from.MayRead && moved < MaxBytesPerTurn)
        {
            if (!_noSplice && _total >= SpliceAfterBytes && UsePipe())
            {
                if (!_pipe!.Move((SocketChannel)_from, (SocketChannel)_to, ref moved, out _ended)) return moved;
                if (_pipe.Held > 0) break;
                continue;
            }
            if (!Copy(ref moved)) return moved;
        }
        if (_pipe is { Held: > 0 } && !_pipe.Drain((SocketChannel)_to, ref moved)) return moved;
        if (_ended && _queue.IsEmpty && _pipe is not { Held: > 0 } && !_endSent)
        {
            _endSent = true;
            _to.ShutdownSend();
        }
        HasMore = moved >= MaxBytesPerTurn && !_ended && _from.MayRead && _queue.IsEmpty && _pipe is not { Held: > 0 };
        // A sender that is reset while its bytes wait would not be read from again, and so never be missed.
        if (Held > 0 && _from.HasError) return moved;
        state = _endSent ? State.Ended : State.Open;
        return moved;
    }

    public void Close()
    {
        _queue.Clear();
        _pipe?.Close();
        _pipe = null;
    }

    private bool FlushQueue(ref long moved)
    {
        if (_queue.IsEmpty) return true;
        var before = _queue.Length;
        if (_queue.Flush(_to) < 0) return false;
        moved += before - _queue.Length;
        return true;
    }

    private bool Copy(ref long moved)
    {
        var block = _pool.Rent();
        try
        {
            var count = _from.Receive(block.AsSpan(0, ReadBytes));
            if (count == -Libc.EAGAIN) return true;
            if (count < 0) return false;
            if (count == 0)
            {
                _ended = true;
                return true;
            }
            _total += count;
            var sent = _to.Send(block.AsSpan(0, count));
            if (sent == -Libc.EAGAIN) sent = 0;
            if (sent < 0) return false;
            moved += sent;
            if (sent < count) _queue.Write(block.AsSpan(sent, count - sent));
            return true;
        }
        finally
        {
            _pool.Return(block);
        }
    }

    private bool UsePipe()
    {
        _pipe ??= SplicePipe.TryOpen();
        _noSplice = _pipe is null; // no descriptors left: copying still works
        return !_noSplice;
    }
}
