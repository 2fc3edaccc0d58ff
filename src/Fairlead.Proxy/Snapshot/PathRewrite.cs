using System.Text.RegularExpressions;

namespace Fairlead.Proxy.Snapshot;

/// <summary>Changes the path (without query): one of the two forms is set.</summary>
internal sealed class PathRewrite
{
    /// <summary>Replaces what the route matched (prefix, whole path or path_separated_prefix).</summary>
    public byte[]? Prefix { get; init; }

    /// <summary>Linear-time; every match is replaced.</summary>
    public Regex? Pattern { get; init; }

    /// <summary>In .NET's replacement syntax, translated from RE2's \1.</summary>
    public string? Substitution { get; init; }
}
