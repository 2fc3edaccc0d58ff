using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Config.Primitives;

/// <summary>
/// An immutable map from text to <typeparamref name="T"/>, sorted by ordinal key, that equals another one with the same
/// entries (labels, annotations, header maps). Lookup is a binary search: these maps are small.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "the pair ValueList, ValueMap says what differs from the framework types: equality by content")]
public sealed class ValueMap<T> : IReadOnlyDictionary<string, T>, IEquatable<ValueMap<T>>
{
    private readonly string[] keys;
    private readonly T[] values;
    private int hash;

    internal ValueMap(string[] keys, T[] values)
    {
        this.keys = keys;
        this.values = values;
    }

    [SuppressMessage("Design", "CA1000", Justification = "as Array.Empty, but named by its type")]
    public static ValueMap<T> Empty { get; } = new([], []);

    public int Count => keys.Length;
    public IEnumerable<string> Keys => keys;
    public IEnumerable<T> Values => values;

    public T this[string key] => TryGetValue(key, out var value) ? value : throw new KeyNotFoundException(key);

    public bool ContainsKey(string key) => Find(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        var index = Find(key);
        value = index >= 0 ? values[index] : default;
        return index >= 0;
    }

    public bool Equals(ValueMap<T>? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        return other is not null
            && keys.Length == other.keys.Length
            && GetHashCode() == other.GetHashCode()
            && keys.AsSpan().SequenceEqual(other.keys)
            && values.AsSpan().SequenceEqual(other.values, EqualityComparer<T>.Default);
    }

    public override bool Equals(object? obj) => Equals(obj as ValueMap<T>);

    public override int GetHashCode()
    {
        if (hash != 0)
            return hash;
        var code = new HashCode();
        for (var i = 0; i < keys.Length; i++)
        {
            code.Add(keys[i], StringComparer.Ordinal);
            code.Add(values[i]);
        }
        var made = code.ToHashCode();
        return hash = made == 0 ? 1 : made;
    }

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator()
    {
        for (var i = 0; i < keys.Length; i++)
            yield return new(keys[i], values[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(",", this.Select(pair => $"{pair.Key}={pair.Value}"));

    private int Find(string key) => Array.BinarySearch(keys, key, StringComparer.Ordinal);
}

/// <summary>Makes <see cref="ValueMap{T}"/>s.</summary>
public static class ValueMap
{
    /// <summary>Entries of <paramref name="entries"/>; of a repeated key the last one stays.</summary>
    public static ValueMap<T> ToValueMap<T>(this IEnumerable<KeyValuePair<string, T>> entries)
    {
        if (entries is ValueMap<T> map)
            return map;
        var sorted = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (key, value) in entries)
            sorted[key] = value;
        return sorted.Count == 0 ? ValueMap<T>.Empty : new([.. sorted.Keys], [.. sorted.Values]);
    }
}
