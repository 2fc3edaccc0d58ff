namespace Fairlead.Config.Schemas;

/// <summary>Where a pod may run. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class SchedulingSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Affinity
          1 nodeAffinity NodeAffinity
          2 podAffinity PodAffinity
          3 podAntiAffinity PodAntiAffinity
        NodeAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector
          2 preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm
        NodeSelector
          1 nodeSelectorTerms []NodeSelectorTerm required
        NodeSelectorTerm
          1 matchExpressions []NodeSelectorRequirement
          2 matchFields []NodeSelectorRequirement
        NodeSelectorRequirement
          1 key string required
          2 operator string required enum=In|NotIn|Exists|DoesNotExist|Gt|Lt
          3 values []string
        PreferredSchedulingTerm
          1 weight int32 required
          2 preference NodeSelectorTerm required
        PodAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
          2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
        PodAffinityTerm
          1 labelSelector LabelSelector
          2 namespaces []string
          3 topologyKey string required
          4 namespaceSelector LabelSelector
          5 matchLabelKeys []string
          6 mismatchLabelKeys []string
        WeightedPodAffinityTerm
          1 weight int32 required
          2 podAffinityTerm PodAffinityTerm required
        PodAntiAffinity
          1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
          2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm
        Toleration
          1 key string
          2 operator string enum=Exists|Equal
          3 value string
          4 effect string enum=NoSchedule|PreferNoSchedule|NoExecute
          5 tolerationSeconds int64
        TopologySpreadConstraint
          1 maxSkew int32 required
          2 topologyKey string required
          3 whenUnsatisfiable string required enum=DoNotSchedule|ScheduleAnyway
          4 labelSelector LabelSelector
          5 minDomains int32
          6 nodeAffinityPolicy string enum=Ignore|Honor
          7 nodeTaintsPolicy string enum=Ignore|Honor
          8 matchLabelKeys []string
        """;
}
