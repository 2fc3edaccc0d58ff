namespace Fairlead.Tidy;

/// <summary>
/// The one list of what the gates let through. Sizes are ratchets: the limit is the size at the time of the entry, so the thing may
/// shrink and may not grow, and an entry that is no longer needed fails the gate until it is removed.
/// </summary>
internal static class KnownExceptions
{
    /// <param name="Path">File of the exception.</param>
    /// <param name="Symbol">Type or method; empty for the file as a whole.</param>
    /// <param name="Limit">Lines allowed; 0 where size is not the matter.</param>
    /// <param name="Reason">Why it is right as it is, or what would end it.</param>
    public sealed record Entry(string Path, string Symbol, int Limit, string Reason);

    public static readonly IReadOnlyList<Entry> Sizes =
    [
    ];

    public static readonly IReadOnlyList<Entry> Names =
    [
        new("src/Fairlead.ApiServer/Patch/FieldOwnership.cs", "Manager", 0, "the field manager of managedFields: Kubernetes' own noun"),
    ];

    public static readonly IReadOnlyList<Entry> SingleImplementations =
    [
    ];

    public static readonly IReadOnlyList<Entry> DeadTypes =
    [
        new("src/Fairlead.Config/Kinds/ClusterNode.cs", "ClusterNode", 0, "the typed record of a kind; readers of nodes take the tree so far"),
        new("src/Fairlead.Xds/Names/SpiffeId.cs", "SpiffeId", 0, "for mutual TLS between sidecars, which is not served yet"),
    ];
}
