namespace Fairlead.Proxy.Loop;

/// <summary>
/// Blocks of one size, pinned for system calls, of one loop. A block returned twice or a foreign one is a bug that is thrown.
/// </summary>
internal sealed class BufferPool
{
    /// <summary>16 KiB: one TLS record or the receive of a usual socket buffer's share; a request head normally fits.</summary>
    public const int BlockBytes = 16 * 1024;

    private const int KeepBlocks = 256; // 4 MiB stay with the loop; what a burst needed beyond goes back to the collector

    private readonly Stack<byte[]> _free = new(KeepBlocks);

    /// <summary>Blocks handed out and not yet returned.</summary>
    public int Outstanding { get; private set; }

    public byte[] Rent()
    {
        Outstanding++;
        return _free.TryPop(out var block) ? block : GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);
    }

    public void Return(byte[] block)
    {
        if (block.Length != BlockBytes) throw new ArgumentException($"a block of {block.Length} bytes is not of this pool", nameof(block));
        if (--Outstanding < 0) throw new InvalidOperationException("more blocks returned than rented");
        if (_free.Count < KeepBlocks) _free.Push(block);
    }
}
