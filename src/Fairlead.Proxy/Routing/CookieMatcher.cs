using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Routing;

/// <summary>A compiled envoy.config.route.v3.CookieMatcher. An absent cookie matches only when inverted.</summary>
internal sealed class CookieMatcher
{
    public required byte[] Name { get; init; }

    public required StringMatcher Value { get; init; }

    public bool Invert { get; init; }

    public bool Matches(HeaderBlock headers) => HasMatch(headers) != Invert;

    private bool HasMatch(HeaderBlock headers)
    {
        for (var slot = headers.IndexOf("cookie"u8, 0); slot >= 0; slot = headers.IndexOf("cookie"u8, slot + 1))
        {
            var rest = headers.Value(slot);
            while (rest.Length > 0)
            {
                var end = rest.IndexOf((byte)';');
                var pair = (end < 0 ? rest : rest[..end]).Trim((byte)' ');
                rest = end < 0 ? default : rest[(end + 1)..];
                var equals = pair.IndexOf((byte)'=');
                if (equals < 0 || !pair[..equals].SequenceEqual(Name)) continue;
                return Value.Matches(pair[(equals + 1)..].Trim((byte)'"'));
            }
        }
        return false;
    }
}
