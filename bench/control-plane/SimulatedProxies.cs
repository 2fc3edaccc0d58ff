using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Fairlead.ControlPlane.Translate;
using Fairlead.Xds.Grpc;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.ControlPlane.Scale;

/// <summary>
/// A process of its own that plays the sidecars: a connection and a delta stream each, which subscribe as sidecars do and acknowledge everything. Of an answer
/// only the outermost fields are read. It is told what to do on standard input: <c>mark</c> forgets what came, <c>report</c> prints it, a line per type:
/// <c>TYPE PROXIES RESPONSES BYTES P99 LAST</c>, the last two as timestamps of <see cref="TimeProvider.System"/>, which all processes of a machine share.
/// </summary>
internal sealed class SimulatedProxies(MeshSize size, TimeProvider time)
{
    private static readonly string[] Types = [XdsTypes.Cluster, XdsTypes.Endpoints, XdsTypes.Listener, XdsTypes.Route];

    private readonly byte[][] acknowledgements = [.. Types.Select(type => new DeltaDiscoveryRequest { TypeUrl = type }.ToByteArray())];
    private readonly Lock gate = new();
    private readonly List<long>[] arrivals = [[], [], [], []];
    private readonly HashSet<int>[] reached = [[], [], [], []];
    private readonly long[] bytes = new long[4];
    private readonly TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int incomplete = size.Proxies;

    public static string[] Tables => ["80", "8000", "8001", "8002", "8003"];

    public async Task RunAsync(TextReader commands, TextWriter output)
    {
        var names = Enumerable.Range(0, size.Services).Select(i => $"outbound|{8000 + (i % 4)}||svc{i}.ns{i % size.Namespaces}.svc.cluster.local").ToArray();
        // Written once: an acknowledgement is the type and a nonce.
        byte[][] subscriptions = [Subscription(XdsTypes.Cluster, []), Subscription(XdsTypes.Endpoints, names), Subscription(XdsTypes.Listener, []), Subscription(XdsTypes.Route, Tables)];
        var running = Enumerable.Range(0, size.Proxies).Select(i => FollowAsync(i, subscriptions)).ToArray();
        var failed = Task.WhenAny(running);
        if (await Task.WhenAny(complete.Task, failed) == failed)
            await await failed;
        await output.WriteLineAsync("ready");
        while (await commands.ReadLineAsync() is { } command)
        {
            lock (gate)
            {
                for (var type = 0; type < Types.Length; type++)
                {
                    if (command == "report")
                        output.WriteLine(Report(type));
                    arrivals[type].Clear();
                    reached[type].Clear();
                    bytes[type] = 0;
                }
            }
            await output.WriteLineAsync("done");
        }
    }

    private string Report(int type)
    {
        arrivals[type].Sort();
        var count = arrivals[type].Count;
        var (p99, last) = count == 0 ? (0, 0) : (arrivals[type][(int)((count - 1) * 0.99)], arrivals[type][^1]);
        return string.Create(CultureInfo.InvariantCulture, $"{Types[type]} {reached[type].Count} {count} {bytes[type]} {p99} {last}");
    }

    private async Task FollowAsync(int number, byte[][] subscriptions)
    {
        using var handler = new SocketsHttpHandler { InitialHttp2StreamWindowSize = 1 << 20 };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var requests = Channel.CreateUnbounded<byte[]>();
        using var content = new Requests(requests.Reader);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://127.0.0.1:15010/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TryAddWithoutValidation("te", "trailers");
        requests.Writer.TryWrite([.. Node(number), .. subscriptions[0]]);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var reader = PipeReader.Create(await response.Content.ReadAsStreamAsync(), new StreamPipeReaderOptions(bufferSize: 1 << 16));
        var seen = 0;
        while (true)
        {
            var read = await reader.ReadAsync();
            var buffer = read.Buffer;
            while (GrpcFraming.TryRead(ref buffer, GrpcFraming.DefaultMaxMessageBytes, out var message))
            {
                var arrived = time.GetTimestamp();
                var (type, nonce) = Outermost(message);
                lock (gate)
                {
                    arrivals[type].Add(arrived);
                    reached[type].Add(number);
                    bytes[type] += message.Length;
                }
                requests.Writer.TryWrite([.. acknowledgements[type], .. Text(6, nonce)]);
                if ((seen & (1 << type)) == 0)
                    seen |= Next(type, requests.Writer, subscriptions);
            }
            reader.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
                throw new IOException($"the control plane ended the stream of proxy {number}");
        }
    }

    /// <summary>Clusters first, then endpoints and listeners, then routes.</summary>
    private int Next(int type, ChannelWriter<byte[]> requests, byte[][] subscriptions)
    {
        if (type == 0)
        {
            requests.TryWrite(subscriptions[1]);
            requests.TryWrite(subscriptions[2]);
        }
        else if (type == 2)
        {
            requests.TryWrite(subscriptions[3]);
        }
        else if (type == 3 && Interlocked.Decrement(ref incomplete) == 0)
        {
            complete.TrySetResult();
        }
        return 1 << type;
    }

    private byte[] Node(int number)
    {
        var identity = MeshObjects.Proxy(number, size);
        var node = new Node { Id = identity.Id, Cluster = $"svc{number}.ns{number % size.Namespaces}", Metadata = new Struct() };
        node.Metadata.Fields["NAMESPACE"] = Value.ForString($"ns{number % size.Namespaces}");
        node.Metadata.Fields["LABELS"] = Value.ForStruct(new Struct { Fields = { ["app"] = Value.ForString($"svc{number}") } });
        return new DeltaDiscoveryRequest { Node = node }.ToByteArray();
    }

    private static byte[] Subscription(string type, string[] names) => new DeltaDiscoveryRequest { TypeUrl = type, ResourceNamesSubscribe = { names } }.ToByteArray();

    private static byte[] Text(int field, string text)
    {
        var value = Encoding.UTF8.GetBytes(text);
        return [(byte)((field << 3) | 2), (byte)value.Length, .. value];
    }

    /// <summary>DeltaDiscoveryResponse's type (4) and nonce (5); resources (2) and what was removed are stepped over.</summary>
    private static (int Type, string Nonce) Outermost(ReadOnlySequence<byte> message)
    {
        var reader = new SequenceReader<byte>(message);
        var (type, nonce) = ("", "");
        while (reader.TryRead(out var tag))
        {
            long length = 0;
            for (var shift = 0; reader.TryRead(out var part); shift += 7)
            {
                length |= (long)(part & 0x7f) << shift;
                if (part < 0x80)
                    break;
            }
            if ((tag & 7) != 2)
                continue;
            if (tag >> 3 is 4 or 5)
            {
                var text = Encoding.UTF8.GetString(message.Slice(reader.Position, length));
                (type, nonce) = tag >> 3 == 4 ? (text, nonce) : (type, text);
            }
            reader.Advance(length);
        }
        return (Array.IndexOf(Types, type), nonce);
    }

    private sealed class Requests : HttpContent
    {
        private readonly ChannelReader<byte[]> source;

        public Requests(ChannelReader<byte[]> source)
        {
            this.source = source;
            Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await foreach (var message in source.ReadAllAsync())
            {
                byte[] prefix = [0, (byte)(message.Length >> 24), (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length];
                await stream.WriteAsync(prefix);
                await stream.WriteAsync(message);
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
