using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

public enum WatchEventType
{
    Added,
    Modified,
    Deleted,

    /// <summary>Carries nothing but the resource version up to which everything has been sent.</summary>
    Bookmark,
}

/// <summary>One line of a watch.</summary>
public sealed record WatchEvent(WatchEventType Type, KubeObject Object);
