using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>Text by key; <paramref name="BinaryData"/> holds base64.</summary>
public sealed record ConfigMap(ObjectMeta Meta, ValueMap<string> Data, ValueMap<string> BinaryData)
{
    public static ConfigMap Read(KubeObject source) =>
        new(ObjectMeta.Read(source), source.Root.TextMap("data"), source.Root.TextMap("binaryData"));
}
