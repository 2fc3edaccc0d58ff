using System.Text;
using System.Text.RegularExpressions;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Routing;

/// <summary>A compiled envoy.type.matcher.v3.StringMatcher over bytes. Immutable; allocates nothing.</summary>
internal sealed class StringMatcher
{
    private readonly MatchKind _kind;
    private readonly byte[] _text;
    private readonly Regex? _regex;
    private readonly bool _ignoreCase;

    private StringMatcher(MatchKind kind, string text, bool ignoreCase, Regex? regex = null)
    {
        _kind = kind;
        _text = Encoding.UTF8.GetBytes(ignoreCase ? text.ToLowerInvariant() : text);
        _ignoreCase = ignoreCase;
        _regex = regex;
    }

    private enum MatchKind : byte
    {
        Exact,
        Prefix,
        Suffix,
        Contains,
        Regex,
    }

    public static StringMatcher Exact(string text, bool ignoreCase = false) => new(MatchKind.Exact, text, ignoreCase);

    public static StringMatcher Prefix(string text, bool ignoreCase = false) => new(MatchKind.Prefix, text, ignoreCase);

    public static StringMatcher Suffix(string text, bool ignoreCase = false) => new(MatchKind.Suffix, text, ignoreCase);

    public static StringMatcher Contains(string text, bool ignoreCase = false) => new(MatchKind.Contains, text, ignoreCase);

    /// <param name="wholeText">From <see cref="LinearRegex.WholeText"/>.</param>
    public static StringMatcher Matching(Regex wholeText) => new(MatchKind.Regex, string.Empty, false, wholeText);

    public bool Matches(ReadOnlySpan<byte> value)
    {
        if (_kind == MatchKind.Regex) return LinearRegex.IsMatch(_regex!, value);
        if (!_ignoreCase) return Compare(value);
        if (value.Length > 1024) return CompareLong(value);
        Span<byte> lower = stackalloc byte[value.Length];
        AsciiCase.Lower(value, lower);
        return Compare(lower);
    }

    private bool CompareLong(ReadOnlySpan<byte> value)
    {
        var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(value.Length);
        var lower = rented.AsSpan(0, value.Length);
        AsciiCase.Lower(value, lower);
        var result = Compare(lower);
        System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        return result;
    }

    private bool Compare(ReadOnlySpan<byte> value) => _kind switch
    {
        MatchKind.Exact => value.SequenceEqual(_text),
        MatchKind.Prefix => value.StartsWith(_text),
        MatchKind.Suffix => value.EndsWith(_text),
        _ => value.IndexOf(_text) >= 0,
    };
}
