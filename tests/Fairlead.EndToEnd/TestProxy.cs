using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.Xds.Grpc;
using Google.Protobuf;

namespace Fairlead.EndToEnd;

/// <summary>A proxy that does what a test says: one state-of-the-world stream over plaintext gRPC, read only when it is asked to.</summary>
internal sealed class TestProxy : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // a hang fails the test; no outcome depends on it

    /// <summary>The smallest window that HTTP/2 clients may begin with (RFC 9113, section 6.9.2): what is not read stays with the sender.</summary>
    private const int WindowBytes = 65535;

    private readonly SocketsHttpHandler handler = new() { InitialHttp2StreamWindowSize = WindowBytes };
    private readonly Channel<IMessage> requests = Channel.CreateUnbounded<IMessage>();
    private readonly HttpClient client;
    private HttpResponseMessage? answer;
    private GrpcMessageReader<DiscoveryResponse>? reader;

    private TestProxy() => client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Connects as the pod <paramref name="name"/> of namespace default.</summary>
    public static async Task<TestProxy> ConnectAsync(Uri discovery, string name)
    {
        var proxy = new TestProxy();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(discovery, "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new Requests(proxy.requests.Reader),
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        proxy.answer = await proxy.client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience, TimeProvider.System);
        proxy.reader = new GrpcMessageReader<DiscoveryResponse>(PipeReader.Create(await proxy.answer.Content.ReadAsStreamAsync()), DiscoveryResponse.Parser);
        proxy.Node = new Node { Id = $"sidecar~10.244.0.77~{name}.default~default.svc.cluster.local" };
        return proxy;
    }

    private Node? Node { get; set; }

    public void Subscribe(string typeUrl, params string[] names)
    {
        requests.Writer.TryWrite(new DiscoveryRequest { Node = Node, TypeUrl = typeUrl, ResourceNames = { names } });
        Node = null;
    }

    public async Task<DiscoveryResponse> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        return (await reader!.ReadAsync(limit.Token)).ShouldNotBeNull("the control plane ended the stream");
    }

    /// <param name="response">What is answered.</param>
    /// <param name="refusal">Null accepts it.</param>
    public void Answer(DiscoveryResponse response, string? refusal = null) => requests.Writer.TryWrite(new DiscoveryRequest
    {
        TypeUrl = response.TypeUrl,
        ResponseNonce = response.Nonce,
        VersionInfo = refusal is null ? response.VersionInfo : "",
        ErrorDetail = refusal is null ? null : new Google.Rpc.Status { Code = 3, Message = refusal },
    });

    public void Dispose()
    {
        // A request that fails half-way resets its stream; one that is merely let go of stays open.
        requests.Writer.TryComplete(new IOException("the proxy is gone"));
        answer?.Dispose();
        client.Dispose();
        handler.Dispose();
    }

    private sealed class Requests : HttpContent
    {
        private readonly ChannelReader<IMessage> source;

        public Requests(ChannelReader<IMessage> source)
        {
            this.source = source;
            Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var output = PipeWriter.Create(stream);
            // The request's head must leave before the first message: the answer's head is waited for before anything is said.
            await stream.FlushAsync();
            await foreach (var message in source.ReadAllAsync())
            {
                GrpcFraming.Write(output, message);
                await output.FlushAsync();
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
