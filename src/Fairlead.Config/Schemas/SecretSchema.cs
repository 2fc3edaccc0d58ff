namespace Fairlead.Config.Schemas;

/// <summary>The kind Secret. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class SecretSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Secret -- Sensitive data by key.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          5 immutable bool
          2 data {}bytes -- Bytes by key, base64.
          4 stringData {}string -- Text by key; written into data and never shown.
          3 type string -- What the data is for; Opaque by default.
        """;
}
