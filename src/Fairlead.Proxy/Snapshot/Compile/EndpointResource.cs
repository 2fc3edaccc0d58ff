using System.Buffers;
using Envoy.Config.Endpoint.V3;
using Fairlead.Xds.Json;
using Google.Protobuf;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>
/// A ClusterLoadAssignment as it came. Its endpoints become messages one at a time and are gone at once: ten thousand messages at a time are
/// megabytes that a collection would find alive and copy, while the workers wait (docs/decisions/0105).
/// </summary>
internal sealed class EndpointResource
{
    /// <exception cref="InvalidProtocolBufferException">Not such a message.</exception>
    /// <exception cref="FormatException">Not even protobuf.</exception>
    public EndpointResource(ByteString bytes)
    {
        Bytes = bytes;
        Rest = Without(bytes.Span, ClusterLoadAssignment.EndpointsFieldNumber, ClusterLoadAssignment.Parser);
    }

    public EndpointResource(ClusterLoadAssignment assignment)
        : this(assignment.ToByteString())
    {
    }

    public ByteString Bytes { get; }

    public string Name => Rest.ClusterName;

    /// <summary>All but the endpoints.</summary>
    public ClusterLoadAssignment Rest { get; }

    /// <summary>The message without a field that is read otherwise.</summary>
    public static T Without<T>(ReadOnlySpan<byte> bytes, int field, MessageParser<T> parser)
        where T : IMessage<T>
    {
        var rest = new ArrayBufferWriter<byte>();
        var reader = new WireReader(bytes);
        while (reader.Read())
        {
            if (reader.Field != field) rest.Write(reader.Raw);
        }
        return parser.ParseFrom(rest.WrittenSpan);
    }

    public static int Count(ReadOnlySpan<byte> bytes, int field)
    {
        var count = 0;
        var reader = new WireReader(bytes);
        while (reader.Read()) count += reader.Field == field ? 1 : 0;
        return count;
    }
}
