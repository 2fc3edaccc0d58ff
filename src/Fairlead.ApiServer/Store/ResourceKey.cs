using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Store;

/// <summary>Where an object is stored. Cluster-scoped objects have an empty namespace.</summary>
public sealed record ResourceKey(KindDescriptor Kind, string Namespace, string Name)
{
    /// <summary>The place within its kind; ordinal order is the order of lists and of <c>continue</c> tokens.</summary>
    public string Path => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";

    public static ResourceKey Of(KindDescriptor kind, KubeObject target) =>
        new(kind, kind.Namespaced ? target.Namespace : "", target.Name);

    public override string ToString() => $"{Kind.QualifiedResource} {Path}";
}
