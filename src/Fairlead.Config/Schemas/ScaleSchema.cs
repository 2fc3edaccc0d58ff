namespace Fairlead.Config.Schemas;

/// <summary>The subresource scale. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class ScaleSchema
{
    public const string Text = """
        @io.k8s.api.autoscaling.v1
        Scale
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec ScaleSpec -- What is wanted.
          3 status ScaleStatus -- What was last observed; written by the system.
        ScaleSpec
          1 replicas int32
        ScaleStatus
          1 replicas int32 required
          2 selector string
        """;
}
