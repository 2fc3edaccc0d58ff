using Fairlead.Config.Kinds;

namespace Fairlead.Config.Reading;

/// <summary>
/// One document of a text: its object, or the faults that kept it from being one. Duplicate keys are faults too, beside an
/// object that holds the last value, so that all mistakes are reported at once.
/// </summary>
public sealed record SourceDocument(KubeObject? Object, SourceMap Map, SourcePosition Start, IReadOnlyList<ReadFault> Faults)
{
    /// <summary>Paths of keys that were given twice in one mapping.</summary>
    public IReadOnlyList<string> DuplicateFields { get; init; } = [];

    public SourcePosition Find(string fieldPath) => Object is null ? Start : Map.Find(Object.Root, fieldPath);
}
