using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Store;

/// <summary>
/// One conditional write. <paramref name="ExpectedRevision"/> 0: the object must not exist yet; otherwise it must still be
/// at that revision. <paramref name="Next"/> null removes the object; else the tree is handed over and not changed by the caller again.
/// </summary>
public sealed record Write(ResourceKey Key, long ExpectedRevision, KubeObject? Next);

public enum WriteOutcome
{
    Done,

    /// <summary>A create found an object of that name.</summary>
    Exists,

    /// <summary>The object has gone meanwhile.</summary>
    Missing,

    /// <summary>The object has another revision meanwhile.</summary>
    Stale,
}

/// <summary>What became of a write, and the object as it now is (for a removal: as it last was, at the removal's revision).</summary>
public sealed record WriteResult(WriteOutcome Outcome, StoredObject? Object);
