namespace Fairlead.Xds.Json;

/// <summary>A fault of a document.</summary>
/// <param name="Path">"static_resources.clusters[0].connect_timeout".</param>
/// <param name="Line">1-based; 0 = unknown.</param>
/// <param name="Message">What is wrong and what is expected.</param>
/// <param name="IsUnknownField">The field is not declared: ignored with a warning, everything else is an error.</param>
public sealed record JsonFinding(string Path, int Line, string Message, bool IsUnknownField)
{
    public override string ToString() => Line > 0 ? $"line {Line}: {Path}: {Message}" : $"{Path}: {Message}";
}
