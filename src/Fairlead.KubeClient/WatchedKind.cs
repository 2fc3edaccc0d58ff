using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

/// <summary>One kind that an <see cref="Informer"/> follows.</summary>
public sealed record WatchedKind(KindDescriptor Kind, ListScope Scope)
{
    public static WatchedKind Everywhere(KindDescriptor kind) => new(kind, ListScope.Everywhere);
}
