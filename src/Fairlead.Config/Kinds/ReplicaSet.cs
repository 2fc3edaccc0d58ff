using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A number of equal pods.</summary>
public sealed record ReplicaSet(ObjectMeta Meta, int Replicas, LabelSelector Selector, PodTemplate Template)
{
    public int MinReadySeconds { get; init; }

    public static ReplicaSet Read(KubeObject source) => new(
        ObjectMeta.Read(source),
        source.Spec.OptionalInt("replicas") ?? 1,
        LabelSelector.Read(source.Spec.Object("selector")) ?? LabelSelector.Everything,
        PodTemplate.Read(source.Spec.Object("template") ?? []))
    {
        MinReadySeconds = source.Spec.Int("minReadySeconds"),
    };
}
