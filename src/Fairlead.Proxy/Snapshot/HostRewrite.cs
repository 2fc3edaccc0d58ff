using System.Text.RegularExpressions;

namespace Fairlead.Proxy.Snapshot;

/// <summary>Changes :authority: one of the forms is set.</summary>
internal sealed class HostRewrite
{
    public byte[]? Literal { get; init; }

    /// <summary>To the chosen endpoint's hostname (STRICT_DNS and LOGICAL_DNS clusters).</summary>
    public bool Auto { get; init; }

    /// <summary>To this request header's value, lower-case name.</summary>
    public byte[]? Header { get; init; }

    /// <summary>To the path after this substitution.</summary>
    public Regex? PathPattern { get; init; }

    public string? PathSubstitution { get; init; }
}
