using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Fairlead.Node.World;

/// <summary>The world's TCP echo and WebSocket echo (RFC 6455), which return what they are sent.</summary>
internal static class EchoServers
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Bytes of an upgrade request's head.</summary>
    private const int HeadLimit = 8 * 1024;

    public static Socket Listen(IPEndPoint address)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(address);
        listener.Listen();
        return listener;
    }

    public static async Task RunAsync(Socket listener, bool isWebSocket, CancellationToken cancel)
    {
        using (listener)
        {
            while (!cancel.IsCancellationRequested)
                _ = ServeAsync(await listener.AcceptAsync(cancel).ConfigureAwait(false), isWebSocket, cancel);
        }
    }

    private static async Task ServeAsync(Socket client, bool isWebSocket, CancellationToken cancel)
    {
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            if (isWebSocket)
                await EchoMessagesAsync(stream, cancel).ConfigureAwait(false);
            else
                await EchoBytesAsync(stream, cancel).ConfigureAwait(false);
        }
        catch (Exception left) when (left is IOException or WebSocketException or OperationCanceledException)
        {
            // The client left.
            return;
        }
    }

    private static async Task EchoBytesAsync(NetworkStream stream, CancellationToken cancel)
    {
        var buffer = new byte[BufferSize];
        while (await stream.ReadAsync(buffer, cancel).ConfigureAwait(false) is var read and > 0)
            await stream.WriteAsync(buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
    }

    private static async Task EchoMessagesAsync(NetworkStream stream, CancellationToken cancel)
    {
        var key = await ReadKeyAsync(stream, cancel).ConfigureAwait(false);
        if (key.Length == 0)
        {
            await stream.WriteAsync("HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), cancel).ConfigureAwait(false);
            return;
        }
        var accept = WebSocketAccept(key);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"), cancel).ConfigureAwait(false);
        using var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        var buffer = new byte[BufferSize];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancel).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancel).ConfigureAwait(false);
                return;
            }
            await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>RFC 6455 section 4.2.2 names SHA-1; it proves that a server understood, nothing else.</summary>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "RFC 6455 section 4.2.2 prescribes SHA-1")]
    private static string WebSocketAccept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));

    private static async Task<string> ReadKeyAsync(NetworkStream stream, CancellationToken cancel)
    {
        var head = new byte[HeadLimit];
        var length = 0;
        while (length < head.Length && head.AsSpan(0, length).IndexOf("\r\n\r\n"u8) < 0)
        {
            // One byte at a time at the end of the head would be slow; a client sends its head whole and waits.
            var read = await stream.ReadAsync(head.AsMemory(length), cancel).ConfigureAwait(false);
            if (read == 0)
                return "";
            length += read;
        }
        const string name = "sec-websocket-key:";
        var line = Encoding.ASCII.GetString(head, 0, length).Split("\r\n").FirstOrDefault(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        return line is null ? "" : line[name.Length..].Trim();
    }
}
