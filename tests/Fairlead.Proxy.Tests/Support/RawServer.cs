using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.Proxy.Tests.Support;

/// <summary>An upstream made of raw bytes: each connection runs the test's script.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Connection, Task> _script;
    private readonly List<string> _requests = [];
    private readonly Task _accepting;
    private int _connections;
    private bool _disposed;

    public RawServer(Func<Connection, Task> script)
    {
        _script = script;
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(64);
        _accepting = AcceptAsync();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Request heads seen, in order.</summary>
    public string[] Requests
    {
        get
        {
            lock (_requests) return [.. _requests];
        }
    }

    /// <summary>Answers every request with the same bytes and keeps the connection.</summary>
    public static RawServer Answering(string response) => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is not null) await connection.SendAsync(response);
    });

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var running = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                Interlocked.Increment(ref _connections);
                running.Add(ServeAsync(socket));
            }
            catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                break;
            }
        }
        await Task.WhenAll(running);
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await _script(new Connection(this, socket, _stop.Token));
            }
            catch (Exception failure) when (failure is OperationCanceledException or SocketException)
            {
                // The proxy or the test ended the connection; the test looks at what came before.
                socket.Close();
            }
        }
    }

    internal sealed class Connection(RawServer server, Socket socket, CancellationToken stop)
    {
        private string _buffered = string.Empty;

        public Socket Socket => socket;

        /// <summary>The next request with a body of its content-length; null at the end of the stream.</summary>
        public async Task<string?> ReadRequestAsync()
        {
            while (true)
            {
                var end = _buffered.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (end >= 0)
                {
                    var length = ContentLength(_buffered[..end]);
                    if (_buffered.Length >= end + 4 + length)
                    {
                        var request = _buffered[..(end + 4 + length)];
                        _buffered = _buffered[(end + 4 + length)..];
                        lock (server._requests) server._requests.Add(request);
                        return request;
                    }
                }
                if (await ReceiveAsync() is not { Length: > 0 } more) return null;
                _buffered += more;
            }
        }

        public async Task<string> ReceiveAsync()
        {
            var buffer = new byte[65536];
            var count = await socket.ReceiveAsync(buffer, stop);
            return Encoding.Latin1.GetString(buffer, 0, count);
        }

        public async Task SendAsync(string text)
        {
            ReadOnlyMemory<byte> bytes = Encoding.Latin1.GetBytes(text);
            while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, stop)..];
        }

        public Task UntilStoppedAsync() => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);

        private static int ContentLength(string head)
        {
            foreach (var line in head.Split("\r\n"))
            {
                if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) return int.Parse(line["content-length:".Length..]);
            }
            return 0;
        }
    }
}
