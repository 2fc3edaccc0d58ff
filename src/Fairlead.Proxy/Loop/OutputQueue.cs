namespace Fairlead.Proxy.Loop;

/// <summary>
/// Bytes waiting to be sent on one channel: blocks of the loop's pool, written at the tail and sent from the head. Empty, it
/// holds no block, which is what keeps idle connections small.
/// </summary>
internal sealed class OutputQueue(BufferPool pool)
{
    private readonly List<byte[]> _blocks = new(1);
    private int _head; // sent bytes of the first block
    private int _tail; // used bytes of the last block

    /// <summary>Bytes not yet sent.</summary>
    public long Length { get; private set; }

    public bool IsEmpty => Length == 0;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = Room();
            var take = Math.Min(room.Length, bytes.Length);
            bytes[..take].CopyTo(room);
            Advance(take);
            bytes = bytes[take..];
        }
    }

    public void Write(byte value)
    {
        Room()[0] = value;
        Advance(1);
    }

    /// <summary>Contiguous room of at least <paramref name="bytes"/> (at most a block), to be followed by <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_blocks.Count == 0 || BufferPool.BlockBytes - _tail < bytes) AddBlock();
        return _blocks[^1].AsSpan(_tail);
    }

    public void Advance(int written)
    {
        _tail += written;
        Length += written;
    }

    /// <summary>Sends as much as the channel takes. Returns 0, or the negative errno of a failure other than "not now".</summary>
    public int Flush(Channel channel)
    {
        while (Length > 0)
        {
            var end = _blocks.Count == 1 ? _tail : UsedOfFirst();
            var sent = channel.Send(_blocks[0].AsSpan(_head, end - _head));
            if (sent < 0) return sent == -Libc.EAGAIN ? 0 : sent;
            var partial = sent < end - _head;
            Drop(sent, end);
            if (partial) return 0;
        }
        return 0;
    }

    public void Clear()
    {
        foreach (var block in _blocks) pool.Return(block);
        _blocks.Clear();
        _used.Clear();
        _head = _tail = 0;
        Length = 0;
    }

    // Used bytes of every block but the last: a reserve may leave a block's end empty.
    private readonly Queue<int> _used = new();

    private int UsedOfFirst() => _used.Peek();

    private Span<byte> Room()
    {
        if (_blocks.Count == 0 || _tail == BufferPool.BlockBytes) AddBlock();
        return _blocks[^1].AsSpan(_tail);
    }

    private void AddBlock()
    {
        if (_blocks.Count > 0) _used.Enqueue(_tail);
        _blocks.Add(pool.Rent());
        _tail = 0;
    }

    private void Drop(int sent, int end)
    {
        Length -= sent;
        _head += sent;
        if (_head < end) return;
        pool.Return(_blocks[0]);
        _blocks.RemoveAt(0);
        if (_used.Count > 0) _used.Dequeue();
        _head = 0;
        if (_blocks.Count == 0) _tail = 0;
    }
}
