using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Fairlead.Config.Primitives;

/// <summary>
/// An immutable list that equals another one when their items do, in order: records that hold lists then compare by
/// content, which is what makes "nothing changed" decidable for the control plane.
/// </summary>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Create))]
public sealed class ValueList<T> : IReadOnlyList<T>, IEquatable<ValueList<T>>
{
    private readonly T[] items;
    private int hash;

    internal ValueList(T[] items) => this.items = items;

    [SuppressMessage("Design", "CA1000", Justification = "as Array.Empty, but named by its type")]
    public static ValueList<T> Empty { get; } = new([]);

    public int Count => items.Length;

    public T this[int index] => items[index];

    public ReadOnlySpan<T> AsSpan() => items;

    public bool Equals(ValueList<T>? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        return other is not null
            && items.Length == other.items.Length
            && GetHashCode() == other.GetHashCode()
            && items.AsSpan().SequenceEqual(other.items, EqualityComparer<T>.Default);
    }

    public override bool Equals(object? obj) => Equals(obj as ValueList<T>);

    public override int GetHashCode()
    {
        if (hash != 0)
            return hash;
        var code = new HashCode();
        foreach (var item in items)
            code.Add(item);
        var made = code.ToHashCode();
        return hash = made == 0 ? 1 : made;
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    public override string ToString() => $"[{string.Join(", ", items)}]";
}

/// <summary>Makes <see cref="ValueList{T}"/>s, also for collection expressions.</summary>
public static class ValueList
{
    public static ValueList<T> Create<T>(ReadOnlySpan<T> items) => items.IsEmpty ? ValueList<T>.Empty : new(items.ToArray());

    public static ValueList<T> ToValueList<T>(this IEnumerable<T> items)
    {
        if (items is ValueList<T> list)
            return list;
        var array = items.ToArray();
        return array.Length == 0 ? ValueList<T>.Empty : new(array);
    }
}
