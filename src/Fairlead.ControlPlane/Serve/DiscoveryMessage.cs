using System.Runtime.CompilerServices;
using Fairlead.ControlPlane.Translate;
using Google.Protobuf;

namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// Writes DiscoveryResponse and DeltaDiscoveryResponse around resources that are already encoded, so that a resource is encoded once and not once per
/// proxy. Field numbers: envoy/service/discovery/v3/discovery.proto.
/// </summary>
internal static class DiscoveryMessage
{
    /// <summary>What stands in a message before a resource's own bytes: the same for every proxy.</summary>
    private static readonly ConditionalWeakTable<XdsResource, Fronts> Known = [];

    /// <summary>The length of the whole message, and its pieces in order: made one by one as they are taken, since a slow proxy takes them slowly and there are thousands of proxies.</summary>
    public static (int Length, IEnumerable<ReadOnlyMemory<byte>> Pieces) StateOfTheWorld(string version, string typeUrl, string nonce, IReadOnlyList<XdsResource> resources)
    {
        var (head, tail) = (Fields((1, version)), Fields((4, typeUrl), (5, nonce)));
        return (head.Length + resources.Sum(resource => FrontsOf(resource).Whole.Length + resource.Body.Length) + tail.Length, Pieces(head, resources, static fronts => fronts.Whole, tail));
    }

    /// <summary>As <see cref="StateOfTheWorld"/>, for the delta protocol.</summary>
    public static (int Length, IEnumerable<ReadOnlyMemory<byte>> Pieces) Delta(
        string version, string typeUrl, string nonce, IReadOnlyList<XdsResource> changed, IReadOnlyList<string> removed)
    {
        var (head, tail) = (Fields((1, version)), Fields([(4, typeUrl), .. removed.Select(name => (6, name)), (5, nonce)]));
        return (head.Length + changed.Sum(resource => FrontsOf(resource).Delta.Length + resource.Body.Length) + tail.Length, Pieces(head, changed, static fronts => fronts.Delta, tail));
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Pieces(byte[] head, IReadOnlyList<XdsResource> resources, Func<Fronts, byte[]> front, byte[] tail)
    {
        yield return head;
        foreach (var resource in resources)
        {
            yield return front(FrontsOf(resource));
            foreach (var piece in resource.Body.Pieces)
                yield return piece;
        }
        yield return tail;
    }

    private static Fronts FrontsOf(XdsResource resource) => Known.GetValue(resource, static resource =>
    {
        // google.protobuf.Any up to its value's bytes: type_url = 1, value = 2.
        byte[] any = [.. Fields((1, resource.TypeUrl)), .. Header(2, resource.Body.Length)];
        byte[] whole = [.. Header(2, any.Length + resource.Body.Length), .. any];
        var named = Fields((3, resource.Name), (1, resource.Version));
        return new Fronts(whole, [.. Header(2, named.Length + whole.Length + resource.Body.Length), .. named, .. whole]);
    });

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

    /// <param name="Whole">As an item of DiscoveryResponse.resources.</param>
    /// <param name="Delta">As an item of DeltaDiscoveryResponse.resources.</param>
    private sealed record Fronts(byte[] Whole, byte[] Delta);
}
