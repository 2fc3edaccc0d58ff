using Fairlead.ControlPlane.Translate;
using Google.Protobuf;

namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// Writes DiscoveryResponse and DeltaDiscoveryResponse around resources that are already encoded, so that a resource is encoded once and not once per
/// proxy. Field numbers: envoy/service/discovery/v3/discovery.proto.
/// </summary>
internal static class DiscoveryMessage
{
    /// <summary>The whole message as pieces in order, and their length together.</summary>
    public static (int Length, List<ReadOnlyMemory<byte>> Pieces) StateOfTheWorld(string version, string typeUrl, string nonce, IReadOnlyList<XdsResource> resources)
    {
        var pieces = new List<ReadOnlyMemory<byte>>(3 * resources.Count + 2) { Fields((1, version)) };
        foreach (var resource in resources)
        {
            var any = AnyFront(resource);
            pieces.Add(Header(2, any.Length + resource.Body.Length));
            pieces.Add(any);
            pieces.Add(resource.Body.Memory);
        }
        pieces.Add(Fields((4, typeUrl), (5, nonce)));
        return (pieces.Sum(piece => piece.Length), pieces);
    }

    /// <summary>As <see cref="StateOfTheWorld"/>, for the delta protocol.</summary>
    public static (int Length, List<ReadOnlyMemory<byte>> Pieces) Delta(
        string version, string typeUrl, string nonce, IReadOnlyList<XdsResource> changed, IReadOnlyList<string> removed)
    {
        var pieces = new List<ReadOnlyMemory<byte>>(5 * changed.Count + 2) { Fields((1, version)) };
        foreach (var resource in changed)
        {
            var front = Fields((3, resource.Name), (1, resource.Version));
            var any = AnyFront(resource);
            var wrapped = Header(2, any.Length + resource.Body.Length);
            pieces.Add(Header(2, front.Length + wrapped.Length + any.Length + resource.Body.Length));
            pieces.Add(front);
            pieces.Add(wrapped);
            pieces.Add(any);
            pieces.Add(resource.Body.Memory);
        }
        pieces.Add(Fields([(4, typeUrl), .. removed.Select(name => (6, name)), (5, nonce)]));
        return (pieces.Sum(piece => piece.Length), pieces);
    }

    /// <summary>A google.protobuf.Any up to its value's bytes: type_url = 1, value = 2.</summary>
    private static byte[] AnyFront(XdsResource resource) => [.. Fields((1, resource.TypeUrl)), .. Header(2, resource.Body.Length)];

    private static byte[] Header(int field, int length)
    {
        var bytes = new byte[CodedOutputStream.ComputeTagSize(field) + CodedOutputStream.ComputeLengthSize(length)];
        using var output = new CodedOutputStream(bytes);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteLength(length);
        return bytes;
    }

    private static byte[] Fields(params (int Number, string Text)[] fields)
    {
        var size = fields.Sum(field => field.Text.Length == 0 ? 0 : CodedOutputStream.ComputeTagSize(field.Number) + CodedOutputStream.ComputeStringSize(field.Text));
        var bytes = new byte[size];
        using var output = new CodedOutputStream(bytes);
        foreach (var (number, text) in fields)
        {
            if (text.Length == 0)
                continue;
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteString(text);
        }
        return bytes;
    }
}
