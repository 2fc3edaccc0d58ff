using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Ingest;

/// <summary>An object within its kind. Ordered by namespace, then name, both bytewise: the order in which every index is built.</summary>
public readonly record struct ResourceKey(string Namespace, string Name) : IComparable<ResourceKey>
{
    public static ResourceKey Of(KubeObject target) => new(target.Namespace, target.Name);

    public int CompareTo(ResourceKey other)
    {
        var byNamespace = string.CompareOrdinal(Namespace, other.Namespace);
        return byNamespace != 0 ? byNamespace : string.CompareOrdinal(Name, other.Name);
    }

    public static bool operator <(ResourceKey left, ResourceKey right) => left.CompareTo(right) < 0;
    public static bool operator >(ResourceKey left, ResourceKey right) => left.CompareTo(right) > 0;
    public static bool operator <=(ResourceKey left, ResourceKey right) => left.CompareTo(right) <= 0;
    public static bool operator >=(ResourceKey left, ResourceKey right) => left.CompareTo(right) >= 0;

    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}
