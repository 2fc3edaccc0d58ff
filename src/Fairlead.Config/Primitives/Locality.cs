namespace Fairlead.Config.Primitives;

/// <summary>Where a workload runs: <c>region/zone/sub-zone</c>, trailing parts empty when not said.</summary>
public readonly record struct Locality(string Region, string Zone, string SubZone)
{
    /// <summary>Pods say their locality in the label <c>istio-locality</c>, where a dot replaces the slash.</summary>
    public static Locality Parse(string text)
    {
        if (text.Length == 0)
            return new("", "", "");
        var parts = text.Split(text.Contains('/', StringComparison.Ordinal) ? '/' : '.', 3);
        return new(parts[0], parts.Length > 1 ? parts[1] : "", parts.Length > 2 ? parts[2] : "");
    }

    public bool IsEmpty => string.IsNullOrEmpty(Region);

    public override string ToString() => SubZone is { Length: > 0 } ? $"{Region}/{Zone}/{SubZone}" : Zone is { Length: > 0 } ? $"{Region}/{Zone}" : Region ?? "";
}
