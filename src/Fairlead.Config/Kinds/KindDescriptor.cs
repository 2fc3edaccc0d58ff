namespace Fairlead.Config.Kinds;

/// <summary>
/// One served resource kind: its names and versions. Versions are in order of preference (the first is what
/// discovery lists first); every version shows the same stored object with its own <c>apiVersion</c>.
/// </summary>
public sealed record KindDescriptor(
    string Group,
    string Kind,
    string Plural,
    IReadOnlyList<string> Versions,
    bool Namespaced = true)
{
    public string Singular { get; init; } = Kind.ToLowerInvariant();
    public IReadOnlyList<string> ShortNames { get; init; } = [];
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Whether <c>/status</c> is a subresource of its own, so that the main resource ignores <c>status</c>.</summary>
    public bool HasStatus { get; init; }

    public bool HasScale { get; init; }

    /// <summary>The version that is stored and that <c>apiVersion</c> is normalised to inside the product.</summary>
    public string StorageVersion { get; init; } = Versions[0];

    /// <summary>Columns of a Table beyond the kind's own (Name, Age): Istio's CRDs name them.</summary>
    public IReadOnlyList<PrinterColumn> PrinterColumns { get; init; } = [];

    /// <summary><c>group/version</c>, or the version alone in the core group.</summary>
    public string ApiVersion(string version) => Group.Length == 0 ? version : $"{Group}/{version}";

    /// <summary><c>plural.group</c> as kubectl and Status texts print it; the plural alone in the core group.</summary>
    public string QualifiedResource => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

/// <summary>One additional printer column of a CRD: <c>name</c>, <c>type</c> (string, date, integer …), <c>jsonPath</c>.</summary>
public sealed record PrinterColumn(string Name, string Type, string JsonPath, int Priority = 0, string Description = "");
