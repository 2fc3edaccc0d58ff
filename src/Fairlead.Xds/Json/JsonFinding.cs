namespace Fairlead.Xds.Json;

/// <summary>A fault of a document.</summary>
/// <param name="Path">"static_resources.clusters[0].connect_timeout".</param>
/// <param name="Line">1-based; 0 = unknown.</param>
/// <param name="Message">What is wrong and what is expected.</param>
/// <param name="UnknownField">"envoy.config.cluster.v3.Cluster.colour": it is not declared, and is to be reported; null = another fault, which is an error.</param>
public sealed record JsonFinding(string Path, int Line, string Message, string? UnknownField)
{
    public bool IsUnknownField => UnknownField is not null;

    public override string ToString() => Line > 0 ? $"line {Line}: {Path}: {Message}" : $"{Path}: {Message}";
}
