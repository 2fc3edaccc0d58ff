using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fairlead.Config.Reading;

/// <summary>
/// The type of a plain scalar, as the reader of kubectl decides it (YAML 1.1 with its booleans yes, no, on, off; integers in
/// decimal, hex, octal and binary; floats; null). Quoted and block scalars, and ones tagged <c>!!str</c>, are text.
/// </summary>
internal static class YamlScalars
{
    private const int LongestNumber = 64;

    public static JsonNode? Read(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain || (!scalar.Tag.IsEmpty && scalar.Tag == "tag:yaml.org,2002:str"))
            return JsonValue.Create(text);
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
        }
        if (text.Length > LongestNumber || !(char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.'))
            return JsonValue.Create(text);
        return Number(text) ?? JsonValue.Create(text);
    }

    private static JsonValue? Number(string text)
    {
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (Integer(digits) is { } integer)
            return JsonValue.Create(integer);
        if (ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var large))
            return JsonValue.Create(large);
        var looksLikeFloat = digits.All(c => char.IsAsciiDigit(c) || c is '.' or '-' or '+' or 'e' or 'E') && digits.Any(char.IsAsciiDigit);
        return looksLikeFloat && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
            ? JsonValue.Create(real)
            : null;
    }

    private static long? Integer(string digits)
    {
        var negative = digits.StartsWith('-');
        var body = digits.AsSpan(digits[0] is '-' or '+' ? 1 : 0);
        var sign = negative ? -1 : 1;
        if (body.StartsWith("0x", StringComparison.Ordinal))
            return long.TryParse(body[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex * sign : null;
        if (body.StartsWith("0b", StringComparison.Ordinal))
            return long.TryParse(body[2..], NumberStyles.AllowBinarySpecifier, CultureInfo.InvariantCulture, out var binary) ? binary * sign : null;
        if (body.StartsWith("0o", StringComparison.Ordinal))
            return Octal(body[2..]) * sign;
        if (body.Length > 1 && body[0] == '0')
            return Octal(body[1..]) * sign;
        return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static long? Octal(ReadOnlySpan<char> digits)
    {
        var value = 0L;
        if (digits.IsEmpty || digits.Length > 20)
            return null;
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7')
                return null;
            value = value * 8 + (digit - '0');
        }
        return value;
    }
}
