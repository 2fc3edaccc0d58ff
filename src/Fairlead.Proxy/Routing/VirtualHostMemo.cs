using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Routing;

/// <summary>
/// The virtual hosts that one worker found last, by route table and authority as it was sent: a pod calls few hosts, and comparing is
/// faster than lowering, hashing and looking up.
/// </summary>
internal sealed class VirtualHostMemo
{
    private const int Entries = 16; // a power of two
    private const int MaxAuthorityBytes = 64; // longer ones are looked up each time

    private readonly Entry[] _entries = new Entry[Entries];

    /// <summary>Null = the table has no virtual host for it.</summary>
    public VirtualHost? Find(RouteTable table, ReadOnlySpan<byte> authority)
    {
        if (authority.Length is 0 or > MaxAuthorityBytes) return table.VirtualHosts.Find(authority);
        ref var entry = ref _entries[((authority.Length * 7) + (authority[0] * 3) + authority[^1]) & (Entries - 1)];
        if (ReferenceEquals(entry.Table, table) && authority.SequenceEqual(entry.Authority.AsSpan(0, entry.Length))) return entry.Host;
        entry.Authority ??= new byte[MaxAuthorityBytes];
        authority.CopyTo(entry.Authority);
        entry.Length = authority.Length;
        entry.Table = table;
        return entry.Host = table.VirtualHosts.Find(authority);
    }

    /// <summary>Another configuration has come: the tables of the one before must not be kept alive.</summary>
    public void Clear()
    {
        foreach (ref var entry in _entries.AsSpan()) (entry.Table, entry.Host) = (null, null);
    }

    private struct Entry
    {
        public RouteTable? Table;
        public VirtualHost? Host;
        public byte[]? Authority;
        public int Length;
    }
}
