using System.Collections;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Xds.Protocol;

/// <summary>
/// An immutable set of resource names. Equal sets are one instance for as long as anything holds it: a thousand proxies that ask for the same thousand clusters keep
/// one set, and what was worked out for it is found by reference.
/// </summary>
public sealed class NameSet : IReadOnlyCollection<string>
{
    /// <summary>Entries of the table between two looks for those that nothing holds any more.</summary>
    private const int SweepEvery = 256;

    private static readonly ConcurrentDictionary<UInt128, WeakReference<NameSet>> Known = new();
    private static int made;

    private readonly Dictionary<string, int> places;
    private readonly string[] ordered;

    private NameSet(string[] ordered)
    {
        this.ordered = ordered;
        places = new Dictionary<string, int>(ordered.Length, StringComparer.Ordinal);
        for (var place = 0; place < ordered.Length; place++)
            places.Add(ordered[place], place);
    }

    public static NameSet Empty { get; } = Of([]);

    public int Count => ordered.Length;

    /// <summary>In ordinal order.</summary>
    public IReadOnlyList<string> Ordered => ordered;

    /// <summary>The one set of these names; they may come in any order and more than once.</summary>
    public static NameSet Of(IEnumerable<string> names)
    {
        if (names is NameSet same)
            return same;
        var ordered = names.Distinct(StringComparer.Ordinal).ToArray();
        Array.Sort(ordered, StringComparer.Ordinal);
        var digest = Digest(ordered);
        while (true)
        {
            var entry = Known.GetOrAdd(digest, static (_, ordered) => new WeakReference<NameSet>(new NameSet(ordered)), ordered);
            if (entry.TryGetTarget(out var known))
            {
                if (Interlocked.Increment(ref made) % SweepEvery == 0)
                    Sweep();
                return known;
            }
            Known.TryRemove(KeyValuePair.Create(digest, entry));
        }
    }

    public bool Contains(string name) => places.ContainsKey(name);

    /// <summary>Whether these are the names of this set, in any order and more than once.</summary>
    public bool Holds(IReadOnlyCollection<string> names)
    {
        if (names.Count < ordered.Length)
            return false;
        var seen = new BitArray(ordered.Length);
        var missing = ordered.Length;
        foreach (var name in names)
        {
            if (!places.TryGetValue(name, out var place))
                return false;
            if (seen[place])
                continue;
            seen[place] = true;
            missing--;
        }
        return missing == 0;
    }

    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)ordered).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static void Sweep()
    {
        foreach (var entry in Known)
        {
            if (!entry.Value.TryGetTarget(out _))
                Known.TryRemove(entry);
        }
    }

    private static UInt128 Digest(string[] ordered)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in ordered)
        {
            digest.AppendData(Encoding.UTF8.GetBytes(name));
            digest.AppendData([0]);
        }
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(digest.GetHashAndReset());
    }
}
