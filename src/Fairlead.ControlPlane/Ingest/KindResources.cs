using System.Collections.Immutable;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Ingest;

/// <summary>The resources of one kind at one moment.</summary>
/// <param name="Version">The <see cref="ResourceView.Version"/> at which this kind last changed: equal versions mean equal content.</param>
/// <param name="Objects">Ordered by <see cref="ResourceKey"/>.</param>
public sealed record KindResources(long Version, ImmutableSortedDictionary<ResourceKey, KubeObject> Objects)
{
    public static KindResources Empty { get; } = new(0, ImmutableSortedDictionary<ResourceKey, KubeObject>.Empty);
}
