namespace Fairlead.Config.Schemas;

/// <summary>The schema of one served kind and version; <paramref name="Root"/> includes <c>apiVersion</c>, <c>kind</c> and <c>metadata</c> in JSON.</summary>
public sealed record Schema(string Group, string Version, string Kind, ObjectSchema Root)
{
    /// <summary>Whether it is a custom resource: errors are those of a CRD's schema, unknown fields are pruned, there is no protobuf form.</summary>
    public bool IsCustom => Group.EndsWith(".istio.io", StringComparison.Ordinal);

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}
