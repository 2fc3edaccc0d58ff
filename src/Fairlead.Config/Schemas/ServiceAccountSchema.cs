namespace Fairlead.Config.Schemas;

/// <summary>The kind ServiceAccount. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class ServiceAccountSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        ServiceAccount -- An identity for what runs in pods.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 secrets []ObjectReference keys=name merge=name
          3 imagePullSecrets []LocalObjectReference
          4 automountServiceAccountToken bool
        ObjectReference
          1 kind string
          2 namespace string
          3 name string
          4 uid string
          5 apiVersion string
          6 resourceVersion string
          7 fieldPath string
        """;
}
