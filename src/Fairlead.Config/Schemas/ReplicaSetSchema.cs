namespace Fairlead.Config.Schemas;

/// <summary>The kind ReplicaSet. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class ReplicaSetSchema
{
    public const string Text = """
        @io.k8s.api.apps.v1
        ReplicaSet -- Keeps a number of equal pods running.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec ReplicaSetSpec -- What is wanted.
          3 status ReplicaSetStatus -- What was last observed; written by the system.
        ReplicaSetSpec
          1 replicas int32 -- Number of pods; 1 by default.
          4 minReadySeconds int32
          2 selector LabelSelector required -- Labels of the pods it owns.
          3 template PodTemplateSpec -- What the pods are made from.
        ReplicaSetStatus
          1 replicas int32 required
          2 fullyLabeledReplicas int32
          4 readyReplicas int32
          5 availableReplicas int32
          3 observedGeneration int64
          6 conditions []ReplicaSetCondition keys=type merge=type
        ReplicaSetCondition
          1 type string required
          2 status string required
          3 lastTransitionTime time
          4 reason string
          5 message string
        """;
}
