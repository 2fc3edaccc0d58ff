using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>Bytes by key, as base64 text in <paramref name="Data"/>.</summary>
public sealed record Secret(ObjectMeta Meta, string Type, ValueMap<string> Data)
{
    /// <summary>The bytes of a key; null when it is absent or not base64.</summary>
    public byte[]? Bytes(string key)
    {
        if (!Data.TryGetValue(key, out var text))
            return null;
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var written) ? buffer[..written] : null;
    }

    public static Secret Read(KubeObject source) => new(ObjectMeta.Read(source), source.Root.Text("type"), source.Root.TextMap("data"));

    /// <summary>Without the values: secrets must not reach logs through a record's text.</summary>
    public override string ToString() => $"Secret {Meta} {Type} ({string.Join(",", Data.Keys)})";
}
