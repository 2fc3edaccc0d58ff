using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Store;

/// <summary>
/// One stored object, immutable: its JSON as it is sent (in the storage version, <c>apiVersion</c> first) and the few
/// facts that selectors and owners are matched by, taken out once when it is written.
/// </summary>
public sealed class StoredObject
{
    private readonly int versionStart;
    private readonly int versionEnd;

    private StoredObject(ResourceKey key, long revision, byte[] body, KubeObject tree)
    {
        Key = key;
        Revision = revision;
        Body = body;
        Uid = tree.Uid;
        Labels = tree.Labels;
        Fields = SelectableFields.Of(key.Kind, tree);
        OwnerUids = tree.Metadata["ownerReferences"] is JsonArray owners
            ? [.. owners.OfType<JsonObject>().Select(owner => owner["uid"]?.GetValue<string>() ?? "")]
            : [];
        IsBeingDeleted = tree.IsBeingDeleted;
        versionStart = VersionPrefix.Length;
        versionEnd = versionStart + Encoding.UTF8.GetByteCount(tree.ApiVersion);
    }

    private static ReadOnlySpan<byte> VersionPrefix => "{\"apiVersion\":\""u8;

    public ResourceKey Key { get; }
    public long Revision { get; }
    public byte[] Body { get; }
    public string Uid { get; }
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>What field selectors can ask for, by path.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; }

    public IReadOnlyList<string> OwnerUids { get; }
    public bool IsBeingDeleted { get; }

    /// <summary>A tree of the caller's own: changing it changes nothing here.</summary>
    public KubeObject Read() => KubeObject.Parse(Body);

    /// <summary>Writes the JSON with the <c>apiVersion</c> of a served version.</summary>
    public void WriteTo(IBufferWriter<byte> writer, string version)
    {
        if (version == Key.Kind.StorageVersion)
        {
            writer.Write(Body);
            return;
        }
        writer.Write(Body.AsSpan(0, versionStart));
        writer.Write(Encoding.UTF8.GetBytes(Key.Kind.ApiVersion(version)));
        writer.Write(Body.AsSpan(versionEnd));
    }

    /// <summary>Stamps the revision on the tree, puts <c>apiVersion</c> and <c>kind</c> first and freezes it.</summary>
    public static StoredObject Freeze(ResourceKey key, long revision, KubeObject source)
    {
        source.Metadata["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var ordered = new JsonObject
        {
            ["apiVersion"] = key.Kind.ApiVersion(key.Kind.StorageVersion),
            ["kind"] = key.Kind.Kind,
        };
        foreach (var field in source.Root.ToArray())
        {
            if (field.Key is "apiVersion" or "kind")
                continue;
            source.Root.Remove(field.Key);
            ordered[field.Key] = field.Value;
        }
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Relaxed.Encoder, MaxDepth = JsonText.MaxDepth }))
            ordered.WriteTo(writer, JsonText.Relaxed);
        return new StoredObject(key, revision, buffer.WrittenSpan.ToArray(), new KubeObject(ordered));
    }

    /// <summary>An object as the database holds it.</summary>
    public static StoredObject Load(ResourceKey key, long revision, byte[] body) => new(key, revision, body, KubeObject.Parse(body));
}
