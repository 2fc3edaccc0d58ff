using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Fairlead.Xds.Grpc;
using Google.Protobuf;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>One bidirectional gRPC call over HTTP/2. Dispose ends it.</summary>
internal sealed class GrpcCall<TRequest, TResponse> : IDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    /// <summary>Requests waiting to be written; the protocol has a handful outstanding per type.</summary>
    private const int MaxQueued = 1024;

    private readonly Channel<TRequest> _requests = Channel.CreateBounded<TRequest>(MaxQueued);
    private readonly CancellationTokenSource _ended = new();
    private readonly Task<HttpResponseMessage> _sending;
    private readonly MessageParser<TResponse> _parser;
    private HttpResponseMessage? _response;
    private GrpcMessageReader<TResponse>? _reader;

    public GrpcCall(
        HttpMessageInvoker client, Uri server, string path, MessageParser<TResponse> parser, IEnumerable<KeyValuePair<string, string>> headers)
    {
        _parser = parser;
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new RequestBody(_requests.Reader),
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        _sending = client.SendAsync(request, _ended.Token);
    }

    /// <summary>Queues a request.</summary>
    /// <exception cref="GrpcException">The peer does not read: the queue is full.</exception>
    public void Send(TRequest request)
    {
        if (!_requests.Writer.TryWrite(request)) throw new GrpcException(GrpcStatusCode.Unavailable, $"{MaxQueued} requests wait and the server reads none");
    }

    /// <summary>The next response.</summary>
    /// <exception cref="GrpcException">The call ended: with the server's status, or UNAVAILABLE.</exception>
    public async Task<TResponse> ReadAsync(CancellationToken cancellation)
    {
        if (_reader is null)
        {
            _response = await _sending.WaitAsync(cancellation).ConfigureAwait(false);
            if (_response.StatusCode != HttpStatusCode.OK)
            {
                throw new GrpcException(GrpcStatusCode.Unavailable, $"the server answered HTTP {(int)_response.StatusCode}");
            }
            ThrowOnStatus(_response.Headers);
            var stream = await _response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            _reader = new GrpcMessageReader<TResponse>(PipeReader.Create(stream), _parser);
        }
        if (await _reader.ReadAsync(cancellation).ConfigureAwait(false) is { } message) return message;
        ThrowOnStatus(_response!.TrailingHeaders);
        throw new GrpcException(GrpcStatusCode.Unavailable, "the server ended the stream");
    }

    public void Dispose()
    {
        _requests.Writer.TryComplete();
        _ended.Cancel();
        _response?.Dispose();
        _ended.Dispose();
    }

    private static void ThrowOnStatus(System.Net.Http.Headers.HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues(GrpcPaths.StatusHeader, out var values) || !int.TryParse(values.FirstOrDefault(), out var status)) return;
        var message = headers.TryGetValues(GrpcPaths.MessageHeader, out var texts) ? GrpcPaths.DecodeMessage(texts.First()) : "no message";
        throw new GrpcException((GrpcStatusCode)status, $"the server ended the stream with {(GrpcStatusCode)status}: {message}");
    }

    /// <summary>Streams queued messages as the request's body for as long as the call lives.</summary>
    private sealed class RequestBody : HttpContent
    {
        private readonly ChannelReader<TRequest> _requests;

        public RequestBody(ChannelReader<TRequest> requests)
        {
            _requests = requests;
            Headers.TryAddWithoutValidation("content-type", GrpcPaths.ContentType);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            var output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
            await foreach (var request in _requests.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                GrpcFraming.Write(output, request);
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
