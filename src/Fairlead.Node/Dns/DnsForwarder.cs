using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Fairlead.Node.Dns;

/// <summary>Asks the machine's resolvers (or the world's) what is not the cluster's, over UDP and, when cut short, TCP; keeps the answers.</summary>
internal sealed class DnsForwarder(IReadOnlyList<IPEndPoint> resolvers, TimeProvider time, Random random)
{
    /// <summary>How long one resolver may take before the next is asked (a resolver library waits 5 s in all).</summary>
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(2);

    private readonly DnsCache cache = new(time);
    private readonly Lock gate = new();

    public async Task<byte[]> AskAsync(DnsQuestion question, CancellationToken cancel)
    {
        if (cache.Find(question) is { } kept)
            return kept;
        foreach (var resolver in resolvers)
        {
            if (await TryAskAsync(resolver, question, cancel).ConfigureAwait(false) is not { } answer)
                continue;
            cache.Store(question, answer);
            return DnsCache.Addressed(answer, question, 0);
        }
        return DnsAnswer.Write(question, DnsCode.ServerFailure, [], isAuthoritative: false, "");
    }

    private async Task<byte[]?> TryAskAsync(IPEndPoint resolver, DnsQuestion question, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = time.CreateTimer(_ => limit.Cancel(), null, AnswerLimit, Timeout.InfiniteTimeSpan);
        ushort id;
        lock (gate)
            id = (ushort)random.Next(ushort.MaxValue + 1);
        try
        {
            var query = question.Forwarded(id);
            using var socket = new Socket(resolver.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(resolver, limit.Token).ConfigureAwait(false);
            await socket.SendAsync(query, limit.Token).ConfigureAwait(false);
            var buffer = new byte[4096];
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, limit.Token).ConfigureAwait(false);
                var answer = buffer.AsSpan(0, length).ToArray();
                // Anything that does not repeat our id and question is not the answer to it.
                if (length < 12 + question.Wire.Length || BinaryPrimitives.ReadUInt16BigEndian(answer) != id || (answer[2] & 0x80) == 0)
                    continue;
                return (answer[2] & 2) != 0 ? await AskOverTcpAsync(resolver, query, limit.Token).ConfigureAwait(false) : answer;
            }
        }
        catch (Exception failed) when (failed is SocketException or EndOfStreamException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // The next resolver may know; when none does, the client gets SERVFAIL.
            return null;
        }
    }

    private static async Task<byte[]> AskOverTcpAsync(IPEndPoint resolver, byte[] query, CancellationToken cancel)
    {
        using var socket = new Socket(resolver.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(resolver, cancel).ConfigureAwait(false);
        using var stream = new NetworkStream(socket);
        return await DnsFraming.ExchangeAsync(stream, query, cancel).ConfigureAwait(false);
    }
}
