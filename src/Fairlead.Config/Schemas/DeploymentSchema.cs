namespace Fairlead.Config.Schemas;

/// <summary>The kind Deployment. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class DeploymentSchema
{
    public const string Text = """
        @io.k8s.api.apps.v1
        Deployment -- Keeps a number of pods of one template running and replaces them in steps.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec DeploymentSpec -- What is wanted.
          3 status DeploymentStatus -- What was last observed; written by the system.
        DeploymentSpec
          1 replicas int32 -- Number of pods; 1 by default.
          2 selector LabelSelector required -- Labels of the pods it owns; must match the template.
          3 template PodTemplateSpec required -- What the pods are made from.
          4 strategy DeploymentStrategy retainKeys -- How old pods are replaced.
          5 minReadySeconds int32 -- Seconds that a pod must be ready to count as available.
          6 revisionHistoryLimit int32 -- Old ReplicaSets kept; 10 by default.
          7 paused bool -- Whether changes wait.
          9 progressDeadlineSeconds int32 -- Seconds without progress after which it counts as failed; 600 by default.
        DeploymentStrategy
          1 type string enum=Recreate|RollingUpdate
          2 rollingUpdate RollingUpdateDeployment
        RollingUpdateDeployment
          1 maxUnavailable intorstring
          2 maxSurge intorstring
        DeploymentStatus
          1 observedGeneration int64
          2 replicas int32
          3 updatedReplicas int32
          7 readyReplicas int32
          4 availableReplicas int32
          5 unavailableReplicas int32
          6 conditions []DeploymentCondition keys=type merge=type
          8 collisionCount int32
        DeploymentCondition
          1 type string required
          2 status string required
          6 lastUpdateTime time
          7 lastTransitionTime time
          4 reason string
          5 message string
        """;
}
