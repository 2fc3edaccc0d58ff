using Fairlead.ControlPlane.Snapshot;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.ControlPlane.Translate;

/// <summary>How extension configuration is packed: <c>Any</c> with the googleapis prefix, and Istio's own filters as a TypedStruct.</summary>
internal static class TypedConfig
{
    public const string TypePrefix = "type.googleapis.com/";

    public static Any Pack(IMessage message) => Any.Pack(message);

    /// <summary>An extension without fields of which the contract has no message of its own.</summary>
    public static Any Empty(string messageName) => new() { TypeUrl = TypePrefix + messageName };

    /// <summary>An Istio filter, the way istiod sends it: its message as a Struct (fields by their proto names).</summary>
    public static Any TypedStruct(string messageName, Struct value) => Pack(new Udpa.Type.V1.TypedStruct
    {
        TypeUrl = TypePrefix + messageName,
        Value = value,
    });

    public static Struct Struct(params (string Key, Value Value)[] fields)
    {
        var made = new Struct();
        foreach (var (key, value) in fields)
            made.Fields.Add(key, value);
        return made;
    }

    public static Value List(params Struct[] items) => Value.ForList([.. items.Select(Value.ForStruct)]);

    /// <summary><c>filter_metadata.istio.config</c>: the object that a resource was made from, as istioctl reads it.</summary>
    public static string ConfigPath(string group, string version, string kindInKebabCase, string ns, string name) =>
        $"/apis/{group}/{version}/namespaces/{ns}/{kindInKebabCase}/{name}";

    public static string ConfigPath(SourceReference source) => ConfigPath(
        "networking.istio.io",
        "v1alpha3",
        source.Kind switch { "VirtualService" => "virtual-service", "DestinationRule" => "destination-rule", _ => source.Kind.ToLowerInvariant() },
        source.Namespace,
        source.Name);
}
