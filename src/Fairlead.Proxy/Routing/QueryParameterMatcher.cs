namespace Fairlead.Proxy.Routing;

/// <summary>A compiled envoy.config.route.v3.QueryParameterMatcher: the first parameter of that name, undecoded.</summary>
internal sealed class QueryParameterMatcher
{
    public required byte[] Name { get; init; }

    /// <summary>Null = presence is asked.</summary>
    public StringMatcher? Value { get; init; }

    /// <param name="query">Without the leading "?".</param>
    public bool Matches(ReadOnlySpan<byte> query)
    {
        while (query.Length > 0)
        {
            var end = query.IndexOf((byte)'&');
            var pair = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];
            var equals = pair.IndexOf((byte)'=');
            var name = equals < 0 ? pair : pair[..equals];
            if (!name.SequenceEqual(Name)) continue;
            return Value is null || Value.Matches(equals < 0 ? default : pair[(equals + 1)..]);
        }
        return false;
    }
}
