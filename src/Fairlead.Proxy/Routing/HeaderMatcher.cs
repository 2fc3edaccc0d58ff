using System.Buffers.Text;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Routing;

/// <summary>
/// A compiled envoy.config.route.v3.HeaderMatcher. A header that is absent matches only an inverted presence test, or any
/// inverted test when <see cref="TreatMissingAsEmpty"/> makes it the empty text. Values of a repeated header are joined by ",".
/// </summary>
internal sealed class HeaderMatcher
{
    /// <summary>Lower case; pseudo-headers as ":method".</summary>
    public required byte[] Name { get; init; }

    /// <summary>The value must match; null with no range = presence is asked.</summary>
    public StringMatcher? Value { get; init; }

    /// <summary>Half-open range of the value as a decimal integer.</summary>
    public (long Start, long End)? Range { get; init; }

    /// <summary>For the presence test: present (true) or absent (false).</summary>
    public bool Present { get; init; } = true;

    public bool Invert { get; init; }

    public bool TreatMissingAsEmpty { get; init; }

    public bool Matches(HeaderBlock headers)
    {
        var found = headers.TryGet(Name, out var value);
        if (Value is null && Range is null) return (found == Present) != Invert;
        if (!found && !TreatMissingAsEmpty) return false;
        return MatchesValue(headers, found ? value : default) != Invert;
    }

    private bool MatchesValue(HeaderBlock headers, ReadOnlySpan<byte> first)
    {
        if (Name[0] == (byte)':') return Test(first);
        var slot = headers.IndexOf(Name, 0);
        if (slot < 0 || headers.IndexOf(Name, slot + 1) < 0) return Test(first);
        Span<byte> joined = stackalloc byte[1024]; // longer joined values are compared up to here, as no matcher is that long
        var length = 0;
        for (; slot >= 0; slot = headers.IndexOf(Name, slot + 1))
        {
            var part = headers.Value(slot);
            if (length > 0 && length < joined.Length) joined[length++] = (byte)',';
            part = part[..Math.Min(part.Length, joined.Length - length)];
            part.CopyTo(joined[length..]);
            length += part.Length;
        }
        return Test(joined[..length]);
    }

    private bool Test(ReadOnlySpan<byte> value)
    {
        if (Range is not { } range) return Value!.Matches(value);
        return Utf8Parser.TryParse(value, out long number, out var used) && used == value.Length
            && number >= range.Start && number < range.End;
    }
}
