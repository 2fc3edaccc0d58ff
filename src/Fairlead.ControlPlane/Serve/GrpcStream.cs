using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Fairlead.Xds.Grpc;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.ControlPlane.Serve;

/// <summary>
/// One gRPC call on a Kestrel HTTP/2 stream (gRPC over HTTP/2, PROTOCOL-HTTP2): length-prefixed messages both ways, status in the trailers.
/// One reader and one writer at a time.
/// </summary>
internal sealed class GrpcStream(HttpContext context)
{
    /// <summary>Longest message that a client may send, bytes: a request that names 100,000 resources of 60 bytes fits, four times what gRPC allows by default.</summary>
    public const int MaxMessageBytes = 16 * 1024 * 1024;

    /// <summary>What is handed to HTTP/2 before waiting for the client to read, bytes: each slow proxy holds about this much.</summary>
    private const int FlushEvery = 32 * 1024;

    /// <summary>Checks that this is a gRPC call and sends the response headers: clients may wait for them before they send (and Kestrel waits for a flush).</summary>
    public async Task<bool> StartAsync(CancellationToken cancel)
    {
        var contentType = context.Request.ContentType ?? "";
        if (!contentType.StartsWith(GrpcPaths.ContentType, StringComparison.Ordinal) || contentType.StartsWith("application/grpc-web", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            await context.Response.WriteAsync("this is a gRPC service: send content-type application/grpc over HTTP/2\n", cancel).ConfigureAwait(false);
            return false;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        context.Response.ContentType = GrpcPaths.ContentType;
        context.Response.Headers["grpc-accept-encoding"] = "identity";
        await context.Response.StartAsync(cancel).ConfigureAwait(false);
        await context.Response.BodyWriter.FlushAsync(cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>Reads what the client sends; its <c>ReadAsync</c> returns null when the client has said all.</summary>
    public GrpcMessageReader<T> Reader<T>(MessageParser<T> parser)
        where T : class, IMessage<T> => new(context.Request.BodyReader, parser, MaxMessageBytes);

    /// <summary>Sends one message, in pieces of the size that the client's flow control allows; together they have <paramref name="length"/> bytes.</summary>
    public async ValueTask WriteAsync(int length, IEnumerable<ReadOnlyMemory<byte>> pieces, SendTurns.Turn turn, CancellationToken cancel)
    {
        var writer = context.Response.BodyWriter;
        Prefix(writer, length);
        var unflushed = 0;
        foreach (var piece in pieces)
        {
            for (var rest = piece; rest.Length > 0;)
            {
                var part = rest[..Math.Min(rest.Length, FlushEvery - unflushed)];
                writer.Write(part.Span);
                rest = rest[part.Length..];
                unflushed += part.Length;
                if (unflushed < FlushEvery)
                    continue;
                unflushed = 0;
                await FlushAsync(cancel).ConfigureAwait(false);
                turn.Took();
            }
        }
        await FlushAsync(cancel).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(IMessage message, CancellationToken cancel)
    {
        GrpcFraming.Write(context.Response.BodyWriter, message);
        await FlushAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Sets the trailers; the stream ends when the handler returns.</summary>
    public void End(GrpcStatusCode status, string message)
    {
        context.Response.AppendTrailer(GrpcPaths.StatusHeader, ((int)status).ToString(CultureInfo.InvariantCulture));
        if (message.Length > 0)
            context.Response.AppendTrailer(GrpcPaths.MessageHeader, GrpcPaths.EncodeMessage(message));
    }

    private async ValueTask FlushAsync(CancellationToken cancel)
    {
        var flushed = await context.Response.BodyWriter.FlushAsync(cancel).ConfigureAwait(false);
        if (flushed.IsCompleted || flushed.IsCanceled)
            throw new OperationCanceledException("the client is gone");
    }

    private static void Prefix(IBufferWriter<byte> writer, int length)
    {
        var prefix = writer.GetSpan(GrpcFraming.PrefixBytes);
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], length);
        writer.Advance(GrpcFraming.PrefixBytes);
    }
}
