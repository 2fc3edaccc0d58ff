using System.Globalization;

namespace Fairlead.Node.Pods;

/// <summary>Kubernetes' resource quantities: <c>100m</c>, <c>1.5</c>, <c>128Mi</c>, <c>1G</c>.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Suffixes =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m), ("P", 1000000000000000m),
    ];

    /// <summary>In thousandths, rounded up.</summary>
    public static long Milli(string text) => (long)Math.Ceiling(Parse(text) * 1000m);

    /// <summary>In whole units (bytes, cores), rounded up.</summary>
    public static long Whole(string text) => (long)Math.Ceiling(Parse(text));

    private static decimal Parse(string text)
    {
        foreach (var (suffix, factor) in Suffixes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal) && decimal.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.Float, CultureInfo.InvariantCulture, out var scaled))
                return scaled * factor;
        }
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var plain)
            ? plain
            : throw new VolumeException($"\"{text}\" is not a quantity; write for example 100m, 1.5 or 128Mi");
    }
}
