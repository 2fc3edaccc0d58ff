using System.Text;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry;

/// <summary>
/// Destinations that no configuration names, as one worker saw them: count, first and last time. At most
/// <see cref="Capacity"/>; the least recently seen leaves. Owned by its worker; a hit allocates nothing.
/// </summary>
internal sealed class UnknownDestinationTable
{
    /// <summary>Entries: enough for what one workload calls, and 200 KiB at most.</summary>
    public const int Capacity = 1000;

    /// <summary>Bytes of a Host value or SNI that are kept: a DNS name has at most 253.</summary>
    private const int MaxHostBytes = 255;

    private const int AddressBytes = 18;

    private readonly Dictionary<byte[], LinkedListNode<Entry>> _entries;
    private readonly Dictionary<byte[], LinkedListNode<Entry>>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly LinkedList<Entry> _byAge = new(); // most recently seen first

    /// <param name="comparer">Compares keys by content and looks them up by span.</param>
    public UnknownDestinationTable(IEqualityComparer<byte[]> comparer)
    {
        _entries = new Dictionary<byte[], LinkedListNode<Entry>>(comparer);
        _lookup = _entries.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>How the destination was recognised.</summary>
    internal enum DestinationProtocol : byte
    {
        Http,
        Tls,
        Tcp,
    }

    /// <param name="host">Host header without port, or SNI; empty when neither was seen.</param>
    /// <param name="address">What the application dialled.</param>
    /// <param name="protocol">How it was recognised.</param>
    /// <param name="isBlocked">Refused, not passed on.</param>
    /// <param name="time">Now.</param>
    public void Record(ReadOnlySpan<byte> host, in IpEndpoint address, DestinationProtocol protocol, bool isBlocked, DateTimeOffset time)
    {
        host = host[..Math.Min(host.Length, MaxHostBytes)];
        Span<byte> key = stackalloc byte[2 + AddressBytes + MaxHostBytes];
        key[0] = (byte)protocol;
        key[1] = isBlocked ? (byte)1 : (byte)0;
        key.Slice(2, AddressBytes).Clear();
        if (address.IsSet) address.WriteAddress(key[2..], out _);
        key[2 + 16] = (byte)(address.Port >> 8);
        key[2 + 17] = (byte)address.Port;
        Http1.AsciiCase.Lower(host, key[(2 + AddressBytes)..]);
        key = key[..(2 + AddressBytes + host.Length)];
        if (!_lookup.TryGetValue(key, out var node)) node = Add(key, host, address, protocol, isBlocked, time);
        node.Value.Count++;
        node.Value.LastSeen = time;
        if (ReferenceEquals(_byAge.First, node)) return;
        _byAge.Remove(node);
        _byAge.AddFirst(node);
    }

    /// <summary>A copy, most recently seen first.</summary>
    public List<Entry> Copy() => [.. _byAge.Select(entry => entry.Copy())];

    private LinkedListNode<Entry> Add(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> host, in IpEndpoint address, DestinationProtocol protocol, bool isBlocked, DateTimeOffset time)
    {
        if (_entries.Count == Capacity)
        {
            _entries.Remove(_byAge.Last!.Value.Key);
            _byAge.RemoveLast();
        }
        var entry = new Entry(key.ToArray(), Encoding.UTF8.GetString(host).ToLowerInvariant(), address, protocol, isBlocked, time);
        var node = _byAge.AddFirst(entry);
        _entries.Add(entry.Key, node);
        return node;
    }

    /// <summary>One destination.</summary>
    internal sealed class Entry(
        byte[] key, string host, IpEndpoint address, DestinationProtocol protocol, bool isBlocked, DateTimeOffset firstSeen)
    {
        public byte[] Key { get; } = key;

        public string Host { get; } = host;

        public IpEndpoint Address { get; } = address;

        public DestinationProtocol Protocol { get; } = protocol;

        public bool IsBlocked { get; } = isBlocked;

        public DateTimeOffset FirstSeen { get; } = firstSeen;

        public DateTimeOffset LastSeen { get; set; } = firstSeen;

        public long Count { get; set; }

        public Entry Copy() => new(Key, Host, Address, Protocol, IsBlocked, FirstSeen) { LastSeen = LastSeen, Count = Count };
    }
}
