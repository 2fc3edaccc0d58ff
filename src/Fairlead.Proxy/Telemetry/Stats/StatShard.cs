namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>
/// One thread's values. Only its owner writes; readers sum over shards and may see a value that is a moment old. Grows by
/// chunks that stay in place, so that the registry can add groups while the owner counts.
/// </summary>
internal sealed class StatShard
{
    private const int ChunkBits = 10;
    private const int ChunkSlots = 1 << ChunkBits; // 8 KiB: a small mesh needs a few

    private volatile long[][] _chunks = [];

    /// <summary>Adds to a counter or a gauge.</summary>
    public void Add(StatGroup group, int offset, long delta = 1) => Slot(group.FirstSlot + offset) += delta;

    /// <summary>Sets a gauge; meaningful only where one thread owns it.</summary>
    public void Set(StatGroup group, int offset, long value) => Slot(group.FirstSlot + offset) = value;

    /// <summary>Records a value of a histogram whose first slot is at <paramref name="offset"/>.</summary>
    public void Record(StatGroup group, int offset, long value)
    {
        var first = group.FirstSlot + offset;
        Slot(first + HistogramLayout.Bucket(value))++;
        Slot(first + HistogramLayout.SumOffset) += value;
    }

    internal long Read(int slot)
    {
        var chunks = _chunks;
        var chunk = slot >> ChunkBits;
        return chunk < chunks.Length ? Volatile.Read(ref chunks[chunk][slot & (ChunkSlots - 1)]) : 0;
    }

    internal void Clear(int slot) => Slot(slot) = 0;

    /// <summary>Called by the registry, before any group with such slots can reach the owner.</summary>
    internal void EnsureSlots(int count)
    {
        var chunks = _chunks;
        var needed = (count + ChunkSlots - 1) >> ChunkBits;
        if (chunks.Length >= needed) return;
        var grown = new long[needed][];
        chunks.CopyTo(grown, 0);
        for (var i = chunks.Length; i < needed; i++) grown[i] = new long[ChunkSlots];
        _chunks = grown;
    }

    private ref long Slot(int slot) => ref _chunks[slot >> ChunkBits][slot & (ChunkSlots - 1)];
}
