namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>
/// All groups and all shards. Groups are found again by their prefix, so that a cluster that comes back keeps its counters.
/// Thread-safe; not on the request path.
/// </summary>
internal sealed class StatRegistry
{
    /// <summary>Slots over all groups (8 bytes each and per worker): 64 MiB per worker at most. Beyond it new groups share one overflow block.</summary>
    public const int MaxSlots = 8 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, StatGroup> _groups = new(StringComparer.Ordinal);
    private readonly List<StatShard> _shards = [];
    private int _slots;
    private long _overflowed;

    /// <summary>Groups that found no room.</summary>
    public long Overflowed => Interlocked.Read(ref _overflowed);

    public StatShard CreateShard()
    {
        lock (_gate)
        {
            var shard = new StatShard();
            shard.EnsureSlots(_slots);
            _shards.Add(shard);
            return shard;
        }
    }

    /// <summary>The group registered under that key, else the one that <paramref name="create"/> makes.</summary>
    public T GetOrAdd<T>(string key, Func<T> create)
        where T : StatGroup
    {
        lock (_gate)
        {
            if (_groups.TryGetValue(key, out var known)) return (T)known;
            var group = create();
            Place(group);
            _groups.Add(key, group);
            return group;
        }
    }

    /// <summary>A copy of the registered groups, in no order.</summary>
    public StatGroup[] Groups()
    {
        lock (_gate) return [.. _groups.Values];
    }

    /// <summary>The sum over shards.</summary>
    public long Read(StatGroup group, int offset)
    {
        lock (_gate)
        {
            var sum = 0L;
            foreach (var shard in _shards) sum += shard.Read(group.FirstSlot + offset);
            return sum;
        }
    }

    /// <summary>Counters and histograms to zero (admin /reset_counters). An increment in flight may survive.</summary>
    public void ResetCounters()
    {
        lock (_gate)
        {
            foreach (var group in _groups.Values) ResetGroup(group);
        }
    }

    private void ResetGroup(StatGroup group)
    {
        var slot = group.FirstSlot;
        foreach (var definition in group.Definitions)
        {
            for (var i = 0; i < definition.Slots; i++, slot++)
            {
                if (definition.Kind == StatKind.Gauge) continue;
                foreach (var shard in _shards) shard.Clear(slot);
            }
        }
    }

    private void Place(StatGroup group)
    {
        if (_slots + group.SlotCount > MaxSlots)
        {
            _overflowed++;
            group.FirstSlot = 0;
            return;
        }
        group.FirstSlot = _slots;
        _slots += group.SlotCount;
        foreach (var shard in _shards) shard.EnsureSlots(_slots);
    }
}
