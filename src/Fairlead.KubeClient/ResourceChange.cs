using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

public enum ChangeType
{
    Added,
    Modified,

    /// <summary>The object is the last one that we saw.</summary>
    Deleted,

    /// <summary>Everything that existed when we began has been delivered for this kind; comes once per kind and carries no object.</summary>
    Synced,
}

/// <summary>One difference between what a consumer has been told and what the API server holds.</summary>
public sealed record ResourceChange(KindDescriptor Kind, ChangeType Type, KubeObject? Object);
