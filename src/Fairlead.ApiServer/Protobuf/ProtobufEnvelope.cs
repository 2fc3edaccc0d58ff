using System.Text.Json.Nodes;
using Fairlead.ApiServer.Schemas;
using Fairlead.ApiServer.Serving;
using Google.Protobuf;

namespace Fairlead.ApiServer.Protobuf;

/// <summary>
/// Kubernetes' protobuf bodies: four magic bytes <c>k8s\0</c>, then runtime.Unknown { 1: TypeMeta { 1: apiVersion, 2: kind },
/// 2: raw, 3: contentEncoding, 4: contentType }. Source: k8s.io/apimachinery, runtime/serializer/protobuf.
/// </summary>
internal static class ProtobufEnvelope
{
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public static JsonObject Decode(byte[] body)
    {
        if (!body.AsSpan().StartsWith(Magic))
            throw Refusal.BadRequest("the body does not begin with the protobuf magic bytes k8s\\0");
        try
        {
            return DecodeUnknown(new CodedInputStream(body, Magic.Length, body.Length - Magic.Length));
        }
        catch (InvalidProtocolBufferException fault)
        {
            throw Refusal.BadRequest($"the protobuf body cannot be read: {fault.Message}");
        }
    }

    private static JsonObject DecodeUnknown(CodedInputStream input)
    {
        var (version, kind, raw) = ("", "", ByteString.Empty);
        while (input.ReadTag() is var tag and not 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    (version, kind) = TypeMeta(input.ReadBytes());
                    break;
                case 2:
                    raw = input.ReadBytes();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        var slash = version.IndexOf('/');
        var schema = BuiltinSchemas.Find(slash < 0 ? "" : version[..slash], version[(slash + 1)..], kind)
            // Options travel in the group of the request but are meta/v1's.
            ?? BuiltinSchemas.Find("meta.k8s.io", "v1", kind)
            ?? throw Refusal.UnsupportedMediaType($"protobuf bodies are not known for {version} {kind}; send application/json");
        var decoded = ProtobufMessage.Decode(raw.CreateCodedInput(), schema);
        decoded["apiVersion"] = version;
        decoded["kind"] = kind;
        return decoded;
    }

    private static (string Version, string Kind) TypeMeta(ByteString bytes)
    {
        var input = bytes.CreateCodedInput();
        var (version, kind) = ("", "");
        while (input.ReadTag() is var tag and not 0)
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case 1:
                    version = input.ReadString();
                    break;
                case 2:
                    kind = input.ReadString();
                    break;
                default:
                    input.SkipLastField();
                    break;
            }
        }
        return (version, kind);
    }
}
