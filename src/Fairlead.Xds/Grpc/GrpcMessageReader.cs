using System.IO.Pipelines;
using Google.Protobuf;

namespace Fairlead.Xds.Grpc;

/// <summary>Reads the messages of one direction of a gRPC stream, one at a time.</summary>
public sealed class GrpcMessageReader<T>(PipeReader input, MessageParser<T> parser, int maxMessageBytes = GrpcFraming.DefaultMaxMessageBytes)
    where T : class, IMessage<T>
{
    /// <summary>Null = the peer has ended its direction.</summary>
    /// <exception cref="GrpcException">The frame or the message is malformed, or the stream ends inside a message.</exception>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellation).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (GrpcFraming.TryRead(ref buffer, maxMessageBytes, out var bytes))
            {
                var message = Parse(bytes);
                input.AdvanceTo(buffer.Start);
                return message;
            }
            input.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted) continue;
            return buffer.IsEmpty ? null : throw new GrpcException(GrpcStatusCode.Internal, "the stream ended inside a message");
        }
    }

    private T Parse(System.Buffers.ReadOnlySequence<byte> bytes)
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new GrpcException(GrpcStatusCode.Internal, $"the message is not valid protobuf: {e.Message}", e);
        }
    }
}
