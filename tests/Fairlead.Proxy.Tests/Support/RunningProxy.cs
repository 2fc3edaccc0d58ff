using System.Net;
using System.Net.Sockets;
using System.Text;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Tests.Support;

/// <summary>A sidecar on loopback sockets, with one listener on a free port.</summary>
internal sealed class RunningProxy : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // a hang fails the test; no outcome depends on it

    private readonly List<string> _reports = [];

    private RunningProxy(TestMesh mesh, SnapshotStore store)
    {
        Mesh = mesh;
        Store = store;
        Sidecar = new Sidecar(new SidecarOptions(1, null, 42), store, mesh.Stats, TimeProvider.System, Report);
    }

    public TestMesh Mesh { get; }

    public SnapshotStore Store { get; }

    public Sidecar Sidecar { get; }

    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    public string Reports
    {
        get
        {
            lock (_reports) return string.Join('\n', _reports);
        }
    }

    public static IpEndpoint AnyPort => IpEndpoint.FromIPv4(0x7f000001, 0);

    public static Task<RunningProxy> HttpAsync(TestMesh mesh, Func<HttpConnectionManagerConfig, HttpConnectionManagerConfig>? change = null) =>
        StartAsync(mesh, mesh.Listener("http", AnyPort, mesh.Manager(change)));

    public static async Task<RunningProxy> StartAsync(TestMesh mesh, params ListenerSnapshot[] listeners)
    {
        var store = new SnapshotStore();
        store.Publish(mesh.Snapshot(1, listeners));
        var proxy = new RunningProxy(mesh, store);
        await proxy.Sidecar.StartAsync();
        await proxy.Sidecar.OnAllAsync(worker =>
        {
            foreach (var bound in worker.Listeners.BoundAddresses) proxy.Address = new IPEndPoint(bound.ToIPAddress(), bound.Port);
        });
        proxy.Address.Port.ShouldNotBe(0, proxy.Reports);
        return proxy;
    }

    /// <summary>Sends bytes on a new connection and returns everything until the proxy ends it.</summary>
    public async Task<string> ExchangeAsync(string request, bool shutdown = false)
    {
        using var client = await ConnectAsync();
        await client.SendAsync(Encoding.Latin1.GetBytes(request)).WaitAsync(Patience);
        if (shutdown) client.Shutdown(SocketShutdown.Send);
        return await ReadToEndAsync(client);
    }

    public async Task<Socket> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(Address);
        return client;
    }

    public static async Task<string> ReadToEndAsync(Socket client)
    {
        var text = new StringBuilder();
        var buffer = new byte[65536];
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            while (await client.ReceiveAsync(buffer, limit.Token) is > 0 and var count) text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.ConnectionReset)
        {
            text.Append("<reset>");
        }
        return text.ToString();
    }

    /// <summary>Reads until the text so far satisfies the condition.</summary>
    public static async Task<string> ReadUntilAsync(Socket client, Func<string, bool> enough)
    {
        var text = new StringBuilder();
        var buffer = new byte[65536];
        using var limit = new CancellationTokenSource(Patience);
        while (!enough(text.ToString()))
        {
            var count = await client.ReceiveAsync(buffer, limit.Token);
            if (count == 0) break;
            text.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }
        return text.ToString();
    }

    /// <summary>The access log's lines, once there are as many as expected.</summary>
    public async Task<string[]> LogLinesAsync(int expected)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var lines = File.Exists(Mesh.LogPath) ? await File.ReadAllLinesAsync(Mesh.LogPath, limit.Token) : [];
            if (lines.Length >= expected) return lines;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
        }
    }

    public async ValueTask DisposeAsync() => await Sidecar.DisposeAsync();

    private void Report(string message)
    {
        lock (_reports) _reports.Add(message);
    }
}
