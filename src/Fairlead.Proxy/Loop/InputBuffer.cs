namespace Fairlead.Proxy.Loop;

/// <summary>
/// Received bytes not yet consumed: one block of the pool, or a larger array while a head longer than a block is coming in.
/// Empty, it holds nothing.
/// </summary>
internal sealed class InputBuffer(BufferPool pool)
{
    private byte[]? _bytes;
    private int _start;
    private int _end;

    public int Length => _end - _start;

    public bool IsEmpty => _start == _end;

    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    /// <summary>
    /// Receives once. Returns what the channel said; asks for room in front, then grows up to <paramref name="limit"/> bytes held.
    /// Returns -ENOBUFS when the limit is reached: the caller must consume first.
    /// </summary>
    public int Receive(Channel channel, int limit)
    {
        _bytes ??= pool.Rent();
        if (_end == _bytes.Length && !MakeRoom(limit)) return -Libc.ENOBUFS;
        var count = channel.Receive(_bytes.AsSpan(_end));
        if (count > 0) _end += count;
        return count;
    }

    public void Consume(int count)
    {
        _start += count;
        if (_start == _end) _start = _end = 0;
    }

    /// <summary>Puts bytes that were read elsewhere (a listener filter's peek) in front.</summary>
    public void Prepend(ReadOnlySpan<byte> bytes)
    {
        if (!IsEmpty) throw new InvalidOperationException("bytes are prepended before anything is received");
        if (bytes.IsEmpty) return;
        _bytes = bytes.Length <= BufferPool.BlockBytes ? pool.Rent() : GC.AllocateUninitializedArray<byte>(bytes.Length, pinned: true);
        bytes.CopyTo(_bytes);
        _start = 0;
        _end = bytes.Length;
    }

    /// <summary>Gives the block back when nothing is held.</summary>
    public void ReleaseIfEmpty()
    {
        if (IsEmpty) Clear();
    }

    public void Clear()
    {
        if (_bytes is { Length: BufferPool.BlockBytes }) pool.Return(_bytes);
        _bytes = null;
        _start = _end = 0;
    }

    private bool MakeRoom(int limit)
    {
        var bytes = _bytes!;
        if (_start > 0)
        {
            Unread.CopyTo(bytes);
            _end -= _start;
            _start = 0;
            return true;
        }
        if (bytes.Length >= limit) return false;
        var larger = GC.AllocateUninitializedArray<byte>(Math.Min(bytes.Length * 4, Math.Max(limit, bytes.Length + 1)), pinned: true);
        Unread.CopyTo(larger);
        if (bytes.Length == BufferPool.BlockBytes) pool.Return(bytes);
        _bytes = larger;
        return true;
    }
}
