using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fairlead.Proxy.Loop;

/// <summary>
/// Bytes waiting to be sent on one channel: blocks of the loop's pool, written at the tail and sent from the head. Empty, it
/// holds no block, which is what keeps idle connections small.
/// </summary>
internal sealed class OutputQueue(BufferPool pool)
{
    private byte[]? _last; // where writing goes on
    private Queue<(byte[] Block, int Used)>? _before; // full blocks in front of it: a reserve may leave a block's end unused
    private int _head; // sent bytes of the first block
    private int _tail; // used bytes of the last block

    /// <summary>Bytes not yet sent.</summary>
    public long Length { get; private set; }

    public bool IsEmpty => Length == 0;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        // A head is written in some ten pieces: one comparison for each.
        var block = _last ?? AddBlock();
        var tail = _tail;
        if (bytes.Length > block.Length - tail)
        {
            WriteInPieces(bytes);
            return;
        }
        bytes.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(block), tail), bytes.Length));
        _tail = tail + bytes.Length;
        Length += bytes.Length;
    }

    /// <summary>Contiguous room of at least <paramref name="bytes"/> (at most a block), to be followed by <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_last is null || BufferPool.BlockBytes - _tail < bytes) AddBlock();
        return _last.AsSpan(_tail);
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
            var (block, end) = _before is { Count: > 0 } ? _before.Peek() : (_last!, _tail);
            var sent = channel.Send(block.AsSpan(_head, end - _head));
            if (sent < 0) return sent == -Libc.EAGAIN ? 0 : sent;
            Length -= sent;
            _head += sent;
            if (_head < end) return 0;
            DropFirst();
        }
        return 0;
    }

    public void Clear()
    {
        while (_before is { Count: > 0 }) pool.Return(_before.Dequeue().Block);
        if (_last is not null) pool.Return(_last);
        _last = null;
        _head = _tail = 0;
        Length = 0;
    }

    private void WriteInPieces(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_last is null || _tail == BufferPool.BlockBytes) AddBlock();
            var take = Math.Min(BufferPool.BlockBytes - _tail, bytes.Length);
            bytes[..take].CopyTo(_last.AsSpan(_tail));
            Advance(take);
            bytes = bytes[take..];
        }
    }

    private byte[] AddBlock()
    {
        if (_last is not null) (_before ??= new Queue<(byte[], int)>()).Enqueue((_last, _tail));
        _tail = 0;
        return _last = pool.Rent();
    }

    private void DropFirst()
    {
        _head = 0;
        if (_before is { Count: > 0 })
        {
            pool.Return(_before.Dequeue().Block);
            return;
        }
        pool.Return(_last!);
        _last = null;
        _tail = 0;
    }
}
