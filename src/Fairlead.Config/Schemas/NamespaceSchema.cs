namespace Fairlead.Config.Schemas;

/// <summary>The kind Namespace. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class NamespaceSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Namespace -- A scope for names.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec NamespaceSpec -- What is wanted.
          3 status NamespaceStatus -- What was last observed; written by the system.
        NamespaceSpec
          1 finalizers []string
        NamespaceStatus
          1 phase string enum=Active|Terminating
          2 conditions []NamespaceCondition keys=type merge=type
        NamespaceCondition
          1 type string required
          2 status string required
          4 lastTransitionTime time
          5 reason string
          6 message string
        """;
}
