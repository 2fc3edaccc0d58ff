using System.Net.Sockets;
using System.Text;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Bodies far larger than any buffer, both ways, in constant memory.</summary>
public sealed class StreamingTests
{
    private const int Size = 32 * 1024 * 1024;
    private const int MaxBlocks = 64; // 1 MiB of buffers for 32 MiB of body

    private static TestMesh Mesh(RawServer upstream) => new TestMesh().Cluster("c", upstream.Address).Routes().Host("h", ["*"]).Route("default", "/", TestMesh.To("c"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_response_streams_to_a_slow_reader(bool chunked)
    {
        await using var upstream = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(chunked ? "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" : $"HTTP/1.1 200 OK\r\ncontent-length: {Size}\r\n\r\n");
            var piece = new string('x', 65536);
            for (var sent = 0; sent < Size; sent += piece.Length) await connection.SendAsync(chunked ? $"{piece.Length:x}\r\n{piece}\r\n" : piece);
            if (chunked) await connection.SendAsync("0\r\n\r\n");
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"u8.ToArray());
        var buffer = new byte[1 << 18];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        long letters = 0;
        var worst = 0;
        while (await client.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
        {
            letters += buffer.AsSpan(0, count).Count((byte)'x');
            await proxy.Sidecar.OnAllAsync(worker => worst = Math.Max(worst, worker.Loop.Buffers.Outstanding));
        }

        // The head has one x of its own, in x-envoy-upstream-service-time.
        letters.ShouldBe(Size + 1);
        worst.ShouldBeLessThanOrEqualTo(MaxBlocks);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_upload_streams_to_a_slow_upstream(bool chunked)
    {
        var received = 0L;
        await using var upstream = new RawServer(async connection =>
        {
            while (Volatile.Read(ref received) < Size)
            {
                var more = await connection.ReceiveAsync();
                if (more.Length == 0) return;
                Interlocked.Add(ref received, more.Count(c => c == '#'));
            }
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            await connection.UntilStoppedAsync();
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));
        using var client = await proxy.ConnectAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var framing = chunked ? "Transfer-Encoding: chunked" : $"Content-Length: {Size}";
        await client.SendAsync(Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{framing}\r\n\r\n"));
        var piece = Encoding.ASCII.GetBytes(chunked ? $"10000\r\n{new string('#', 65536)}\r\n" : new string('#', 65536));
        for (var sent = 0; sent < Size; sent += 65536)
        {
            for (ReadOnlyMemory<byte> rest = piece; rest.Length > 0;) rest = rest[await client.SendAsync(rest, SocketFlags.None, limit.Token)..];
        }
        if (chunked) await client.SendAsync("0\r\n\r\n"u8.ToArray());
        var response = await RunningProxy.ReadToEndAsync(client);

        response.ShouldEndWith("ok");
        received.ShouldBe(Size);
        var left = -1;
        await proxy.Sidecar.OnAllAsync(worker => left = worker.Loop.Buffers.Outstanding);
        left.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task The_end_of_an_upgraded_client_reaches_its_server_and_the_servers_last_word_reaches_the_client()
    {
        await using var upstream = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
            var received = string.Empty;
            while (await connection.ReceiveAsync() is { Length: > 0 } more) received += more;
            await connection.SendAsync($"<{received}>");
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nfirst "u8.ToArray());
        await RunningProxy.ReadUntilAsync(client, text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        await client.SendAsync("words"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);

        (await RunningProxy.ReadToEndAsync(client)).ShouldBe("<first words>");
    }
}
