namespace Fairlead.Config.Schemas;

/// <summary>The kind ConfigMap. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class ConfigMapSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        ConfigMap -- Configuration as text by key.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          4 immutable bool -- Whether data can no longer change.
          2 data {}string -- Text by key.
          3 binaryData {}bytes -- Bytes by key, base64.
        """;
}
