using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Endpoint;

/// <summary>
/// The streams of one exec or attach over a WebSocket, subprotocol <c>v5.channel.k8s.io</c>: each binary message is a channel number and bytes. 0 stdin, 1 stdout, 2 stderr,
/// 3 the final status, 4 terminal size, 255 closes the channel that follows.
/// </summary>
internal sealed class RemoteChannels(WebSocket socket) : IDisposable
{
    public const string Protocol = "v5.channel.k8s.io";

    /// <summary>Bytes copied at a time; kubectl's own buffers are of this size.</summary>
    private const int CopySize = 32 * 1024;

    /// <summary>The longest message that is taken in.</summary>
    private const int MessageLimit = 1024 * 1024;

    private readonly SemaphoreSlim sending = new(1);

    public async Task SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        var message = new byte[bytes.Length + 1];
        message[0] = channel;
        bytes.CopyTo(message.AsMemory(1));
        await sending.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancel).ConfigureAwait(false);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Copies until the source ends.</summary>
    public async Task PumpAsync(Stream source, byte channel, CancellationToken cancel)
    {
        var buffer = new byte[CopySize];
        while (true)
        {
            int read;
            try
            {
                read = await source.ReadAsync(buffer, cancel).ConfigureAwait(false);
            }
            catch (IOException)
            {
                // A terminal whose last user left reads as an error, not as an end.
                return;
            }
            if (read == 0)
                return;
            await SendAsync(channel, buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Takes what the client sends until it closes; <paramref name="input"/> is closed when the client's stdin ends.</summary>
    public async Task ReceiveAsync(Stream? input, Action<ushort, ushort>? resize, CancellationToken cancel)
    {
        var message = new MemoryStream();
        var buffer = new byte[CopySize];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancel).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close || message.Length + part.Count > MessageLimit)
                return;
            message.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage)
                continue;
            var bytes = message.ToArray();
            message.SetLength(0);
            input = await TakeAsync(bytes, input, resize, cancel).ConfigureAwait(false);
        }
    }

    public Task SendExitAsync(int code, CancellationToken cancel) => SendStatusAsync(code == 0
        ? new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" }
        : new JsonObject
        {
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = $"command terminated with non-zero exit code: exit status {code}",
            ["reason"] = "NonZeroExitCode",
            ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = code.ToString() }) },
        }, cancel);

    public Task SendErrorAsync(string message, CancellationToken cancel) => SendStatusAsync(new JsonObject
    {
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = "InternalError",
        ["details"] = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) },
        ["code"] = 500,
    }, cancel);

    public async Task CloseAsync(CancellationToken cancel)
    {
        await sending.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancel).ConfigureAwait(false);
        }
        catch (WebSocketException)
        {
            // The other side was faster.
            return;
        }
        finally
        {
            sending.Release();
        }
    }

    public void Dispose() => sending.Dispose();

    private Task SendStatusAsync(JsonObject status, CancellationToken cancel) => SendAsync(3, Encoding.UTF8.GetBytes(status.ToJsonString(JsonText.Relaxed)), cancel);

    private static async Task<Stream?> TakeAsync(byte[] message, Stream? input, Action<ushort, ushort>? resize, CancellationToken cancel)
    {
        switch (message)
        {
            case [255, 0] when input is not null:
                await input.DisposeAsync().ConfigureAwait(false);
                return null;
            case [0, _, ..] when input is not null:
                try
                {
                    await input.WriteAsync(message.AsMemory(1), cancel).ConfigureAwait(false);
                    await input.FlushAsync(cancel).ConfigureAwait(false);
                }
                catch (IOException)
                {
                    // The command no longer reads; the rest of its input has no taker.
                    return null;
                }
                break;
            case [4, _, ..] when resize is not null && JsonNode.Parse(message.AsSpan(1)) is { } size:
                resize((ushort)(size.Number("Width") ?? 80), (ushort)(size.Number("Height") ?? 24));
                break;
        }
        return input;
    }
}
