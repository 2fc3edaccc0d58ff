using Fairlead.Config.Kinds;

namespace Fairlead.Config.Analysis;

/// <summary>A typed object beside the tree it was read from.</summary>
internal sealed record Item<T>(KubeObject Source, T Value);
