namespace Fairlead.Config.Schemas;

/// <summary>The subresource that binds a pod to a node. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class BindingSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Binding
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 target ObjectReference required
        """;
}
