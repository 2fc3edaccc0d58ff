using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>
/// The value of x-envoy-peer-metadata: base64 of the deterministic serialisation of a Struct (keys sorted bytewise at every
/// level) with the node metadata that Istio 1.22's FlatNode passes on.
/// </summary>
internal static class PeerMetadata
{
    private static readonly string[] Keys =
    [
        "APP_CONTAINERS", "CLUSTER_ID", "INSTANCE_IPS", "ISTIO_VERSION", "LABELS", "MESH_ID", "NAME", "NAMESPACE", "OWNER",
        "PLATFORM_METADATA", "WORKLOAD_NAME",
    ];

    public static byte[] Encode(Struct? nodeMetadata)
    {
        var chosen = new Struct();
        foreach (var key in Keys)
        {
            if (nodeMetadata is not null && nodeMetadata.Fields.TryGetValue(key, out var value)) chosen.Fields[key] = value;
        }
        return Encoding.ASCII.GetBytes(Convert.ToBase64String(Serialize(chosen)));
    }

    /// <summary>The wire form with sorted keys.</summary>
    public static byte[] Serialize(Struct value)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            var keys = new List<string>(value.Fields.Count);
            foreach (var (key, _) in value.Fields) keys.Add(key);
            keys.Sort(StringComparer.Ordinal);
            foreach (var key in keys) WriteField(output, key, value.Fields[key]);
        }
        return stream.ToArray();
    }

    // Struct.fields = 1 is a map: an entry with key = 1 and value = 2.
    private static void WriteField(CodedOutputStream output, string key, Value value)
    {
        using var stream = new MemoryStream();
        using (var entry = new CodedOutputStream(stream, leaveOpen: true))
        {
            entry.WriteTag(1, WireFormat.WireType.LengthDelimited);
            entry.WriteString(key);
            entry.WriteTag(2, WireFormat.WireType.LengthDelimited);
            entry.WriteBytes(ByteString.CopyFrom(Bytes(value)));
        }
        output.WriteTag(1, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(stream.ToArray()));
    }

    private static byte[] Bytes(Value value)
    {
        if (value.KindCase != Value.KindOneofCase.StructValue) return value.ToByteArray();
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(Value.StructValueFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(Serialize(value.StructValue)));
        }
        return stream.ToArray();
    }
}
