using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

/// <summary>The objects of a list and the resource version at which it was read: where a watch continues.</summary>
public sealed record KubeList(string ResourceVersion, IReadOnlyList<KubeObject> Items);
