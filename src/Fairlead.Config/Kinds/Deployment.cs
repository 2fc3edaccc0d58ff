using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A Deployment: ReplicaSets of one template, replaced in steps.</summary>
public sealed record Deployment(ObjectMeta Meta, PodTemplate Template)
{
    public int Replicas { get; init; } = 1;
    public LabelSelector Selector { get; init; } = LabelSelector.Everything;

    /// <summary>RollingUpdate or Recreate.</summary>
    public string Strategy { get; init; } = "RollingUpdate";

    public IntOrText MaxSurge { get; init; } = new(0, "25%");
    public IntOrText MaxUnavailable { get; init; } = new(0, "25%");
    public int MinReadySeconds { get; init; }
    public int RevisionHistoryLimit { get; init; } = 10;
    public int ProgressDeadlineSeconds { get; init; } = 600;
    public bool Paused { get; init; }

    public static Deployment Read(KubeObject source)
    {
        var spec = source.Spec;
        var rolling = spec.Object("strategy").Object("rollingUpdate");
        return new Deployment(ObjectMeta.Read(source), PodTemplate.Read(spec.Object("template") ?? []))
        {
            Replicas = spec.OptionalInt("replicas") ?? 1,
            Selector = LabelSelector.Read(spec.Object("selector")) ?? LabelSelector.Everything,
            Strategy = spec.Object("strategy").OptionalText("type") ?? "RollingUpdate",
            MaxSurge = rolling?["maxSurge"] is { } surge ? IntOrText.Read(surge) : new(0, "25%"),
            MaxUnavailable = rolling?["maxUnavailable"] is { } unavailable ? IntOrText.Read(unavailable) : new(0, "25%"),
            MinReadySeconds = spec.Int("minReadySeconds"),
            RevisionHistoryLimit = spec.OptionalInt("revisionHistoryLimit") ?? 10,
            ProgressDeadlineSeconds = spec.OptionalInt("progressDeadlineSeconds") ?? 600,
            Paused = spec.Flag("paused"),
        };
    }
}

/// <summary>What pods are made from.</summary>
public sealed record PodTemplate(ObjectMeta Meta, PodSpec Spec)
{
    public static PodTemplate Read(JsonObject node) => new(ObjectMeta.Read(node.Object("metadata")), PodSpec.Read(node.Object("spec") ?? []));
}
