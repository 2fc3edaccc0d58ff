using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>
/// What typed records keep of an object's metadata. <c>resourceVersion</c>, <c>generation</c> and <c>managedFields</c> are left
/// out on purpose: a record that equals the one before means that nothing changed that anybody acts on.
/// </summary>
public sealed record ObjectMeta(string Namespace, string Name)
{
    public string Uid { get; init; } = "";

    /// <summary>Whole seconds; <see cref="DateTimeOffset.MinValue"/> before the object is stored. Istio decides conflicts by age.</summary>
    public DateTimeOffset Created { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Whether deletion was asked for and finalizers or a grace period hold it.</summary>
    public bool IsBeingDeleted { get; init; }

    public ValueMap<string> Labels { get; init; } = ValueMap<string>.Empty;

    /// <summary>All but kubectl's copy of the last applied manifest, which repeats the object.</summary>
    public ValueMap<string> Annotations { get; init; } = ValueMap<string>.Empty;

    public ValueList<OwnerReference> Owners { get; init; } = ValueList<OwnerReference>.Empty;

    public string GenerateName { get; init; } = "";

    public OwnerReference? Controller => Owners.FirstOrDefault(owner => owner.IsController);

    public static ObjectMeta Read(KubeObject source) => Read(source.Root["metadata"] as JsonObject);

    public static ObjectMeta Read(JsonObject? metadata) => new(metadata.Text("namespace"), metadata.Text("name"))
    {
        Uid = metadata.Text("uid"),
        Created = metadata.OptionalTime("creationTimestamp") ?? DateTimeOffset.MinValue,
        IsBeingDeleted = metadata.Text("deletionTimestamp").Length > 0,
        Labels = metadata.TextMap("labels"),
        Annotations = metadata.TextMap("annotations").Where(entry => entry.Key != "kubectl.kubernetes.io/last-applied-configuration").ToValueMap(),
        Owners = metadata.List("ownerReferences", OwnerReference.Read),
        GenerateName = metadata.Text("generateName"),
    };

    public override string ToString() => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";
}

/// <summary>Who owns an object; at most one owner is its controller.</summary>
public sealed record OwnerReference(string ApiVersion, string Kind, string Name, string Uid, bool IsController)
{
    public static OwnerReference Read(JsonObject node) =>
        new(node.Text("apiVersion"), node.Text("kind"), node.Text("name"), node.Text("uid"), node.Flag("controller"));
}
