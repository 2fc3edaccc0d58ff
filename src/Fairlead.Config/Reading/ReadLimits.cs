namespace Fairlead.Config.Reading;

/// <summary>What one text may cost to read. Everything beyond is refused with a finding that names the limit.</summary>
public sealed record ReadLimits
{
    public static ReadLimits Default { get; } = new();

    /// <summary>Bytes of a text: etcd takes objects up to 1.5 MB, so a file of some hundred of them fits.</summary>
    public int MaxBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Characters of one scalar, keys included: a ConfigMap may hold 1 MiB.</summary>
    public int MaxScalar { get; init; } = 2 * 1024 * 1024;

    /// <summary>Levels of nesting: as <see cref="Kinds.JsonText.MaxDepth"/>.</summary>
    public int MaxDepth { get; init; } = Kinds.JsonText.MaxDepth;

    /// <summary>Nodes of one document after aliases are copied: bounds an alias bomb.</summary>
    public int MaxNodes { get; init; } = 1_000_000;

    /// <summary>Documents of one text.</summary>
    public int MaxDocuments { get; init; } = 100_000;
}
