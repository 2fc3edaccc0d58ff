namespace Fairlead.Config.Primitives;

/// <summary>
/// A host name of the mesh: exact (<c>baidu.com</c>) or with a wildcard in front (<c>*.baidu.com</c>, <c>*</c>). Matching and
/// ordering are those of Istio's host names: a wildcard stands for one or more leading characters, so that
/// <c>*.baidu.com</c> matches <c>www.baidu.com</c> and <c>a.b.baidu.com</c> and not <c>baidu.com</c>.
/// The value is kept as written; compare names that a user wrote after <see cref="Normalized"/>.
/// </summary>
public readonly record struct HostName : IComparable<HostName>
{
    private readonly string? value;

    public HostName(string value) => this.value = value;

    public string Value => value ?? "";

    public bool IsEmpty => Value.Length == 0;

    public bool IsWildcard => Value.StartsWith('*');

    /// <summary>Lower case, without the dot that ends an absolute name.</summary>
    public HostName Normalized => new(Value.ToLowerInvariant().TrimEnd('.'));

    /// <summary>Whether some name is covered by both; either side may be a wildcard.</summary>
    public bool Matches(HostName other)
    {
        if (!IsWildcard)
            return other.IsWildcard ? EndsWith(Value, other.Suffix) : string.Equals(Value, other.Value, StringComparison.Ordinal);
        if (!other.IsWildcard)
            return EndsWith(other.Value, Suffix);
        return Value.Length < other.Value.Length ? EndsWith(other.Suffix, Suffix) : EndsWith(Suffix, other.Suffix);
    }

    /// <summary>Whether every name covered by this one is covered by <paramref name="other"/>.</summary>
    public bool IsSubsetOf(HostName other)
    {
        if (!other.IsWildcard)
            return string.Equals(Value, other.Value, StringComparison.Ordinal);
        if (!IsWildcard)
            return EndsWith(Value, other.Suffix);
        return Value.Length >= other.Value.Length && EndsWith(Suffix, other.Suffix);
    }

    /// <summary>Most specific first: exact before wildcard, then longer before shorter, then ordinal.</summary>
    public int CompareTo(HostName other)
    {
        if (IsWildcard != other.IsWildcard)
            return IsWildcard ? 1 : -1;
        var byLength = other.Value.Length.CompareTo(Value.Length);
        return byLength != 0 ? byLength : string.CompareOrdinal(Value, other.Value);
    }

    public static bool operator <(HostName left, HostName right) => left.CompareTo(right) < 0;

    public static bool operator >(HostName left, HostName right) => left.CompareTo(right) > 0;

    public static bool operator <=(HostName left, HostName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(HostName left, HostName right) => left.CompareTo(right) >= 0;

    public static implicit operator string(HostName host) => host.Value;

    public static implicit operator HostName(string value) => new(value);

    public override string ToString() => Value;

    /// <summary>
    /// The full name of a host in Istio's config: a name with a dot, a wildcard or an address as written; a short name
    /// resolved as <c>name.namespace.svc.domain</c>.
    /// </summary>
    public static HostName Resolve(string host, string @namespace, string domain = "cluster.local")
    {
        if (host.Contains('.', StringComparison.Ordinal) || host.Contains(':', StringComparison.Ordinal) || host.StartsWith('*') || host.Length == 0)
            return host;
        return @namespace.Length == 0 ? $"{host}.svc.{domain}" : $"{host}.{@namespace}.svc.{domain}";
    }

    private ReadOnlySpan<char> Suffix => Value.AsSpan(1);

    private static bool EndsWith(ReadOnlySpan<char> text, ReadOnlySpan<char> suffix) => text.EndsWith(suffix, StringComparison.Ordinal);
}
