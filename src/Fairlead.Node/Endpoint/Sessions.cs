using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;
using Fairlead.Node.Pods;
using Fairlead.Node.Runtime;
using Microsoft.AspNetCore.Http;

namespace Fairlead.Node.Endpoint;

/// <summary>exec, attach and port-forward of the node's endpoint.</summary>
internal sealed class Sessions(NodePaths paths, ContainerRuntime runtime)
{
    private const string ForwardProtocol = "portforward.fairlead.dev";
    private const int CopySize = 32 * 1024;

    /// <summary>How long the other side may take to answer our close.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    public async Task ExecAsync(HttpContext context, PodWorker worker, ContainerDefinition container)
    {
        var query = context.Request.Query;
        var command = query["command"].OfType<string>().ToList();
        if (command.Count == 0 || !context.WebSockets.IsWebSocketRequest)
        {
            await NodeEndpoint.RefuseAsync(context, 400, command.Count == 0 ? "command: at least one word is required" : $"a WebSocket of subprotocol {RemoteChannels.Protocol} is required").ConfigureAwait(false);
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync(RemoteChannels.Protocol).ConfigureAwait(false);
        using var channels = new RemoteChannels(socket);
        var id = worker.Record[container.Name].Id;
        var errors = Path.Combine(paths.Sockets, "exec-" + Guid.NewGuid().ToString("n"));
        try
        {
            if (LogAnswer.IsTrue(query["tty"]))
                await OnTerminalAsync(channels, id, command, errors, LogAnswer.IsTrue(query["stdin"]), context.RequestAborted).ConfigureAwait(false);
            else
                await OnPipesAsync(channels, id, command, errors, LogAnswer.IsTrue(query["stdin"]), context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception left) when (left is WebSocketException or OperationCanceledException)
        {
            // kubectl went away: so did its command.
            return;
        }
        finally
        {
            File.Delete(errors);
        }
    }

    private async Task OnPipesAsync(RemoteChannels channels, string id, List<string> command, string errors, bool withInput, CancellationToken cancel)
    {
        using var process = runtime.Exec(id, command, errors);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var input = process.StandardInput.BaseStream;
        if (!withInput)
            await input.DisposeAsync().ConfigureAwait(false);
        var receiving = channels.ReceiveAsync(withInput ? input : null, null, ended.Token);
        var output = Task.WhenAll(
            channels.PumpAsync(process.StandardOutput.BaseStream, 1, ended.Token),
            channels.PumpAsync(process.StandardError.BaseStream, 2, ended.Token));
        try
        {
            if (await Task.WhenAny(output, receiving).ConfigureAwait(false) == receiving)
                throw new OperationCanceledException();
            await output.ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            await FinishAsync(channels, process.ExitCode, errors, receiving, cancel).ConfigureAwait(false);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task OnTerminalAsync(RemoteChannels channels, string id, List<string> command, string errors, bool withInput, CancellationToken cancel)
    {
        var (master, slavePath) = Syscalls.OpenTerminal();
        using var terminal = new FileStream(master, FileAccess.ReadWrite, bufferSize: 0);
        Syscalls.Resize(master, 80, 24);
        using var process = runtime.ExecOnTerminal(id, command, slavePath, errors);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var receiving = channels.ReceiveAsync(withInput ? terminal : null, (columns, rows) => Syscalls.Resize(master, columns, rows), ended.Token);
        var output = channels.PumpAsync(terminal, 1, ended.Token);
        try
        {
            var exited = process.WaitForExitAsync(cancel);
            if (await Task.WhenAny(exited, receiving).ConfigureAwait(false) == receiving)
                throw new OperationCanceledException();
            await exited.ConfigureAwait(false);
            // The terminal hangs up when its last user is gone, after what it holds has been read.
            await Task.WhenAny(output, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancel)).ConfigureAwait(false);
            await FinishAsync(channels, process.ExitCode, errors, receiving, cancel).ConfigureAwait(false);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The status, our close, and the other side's: a connection that is cut before that reads as a failure over there.</summary>
    private static async Task FinishAsync(RemoteChannels channels, int code, string errors, Task receiving, CancellationToken cancel)
    {
        var refusal = code == 0 ? "" : ContainerRuntime.RuncMessage(errors, "");
        if (refusal.Length > 0)
            await channels.SendErrorAsync($"OCI runtime exec failed: {refusal}", cancel).ConfigureAwait(false);
        else
            await channels.SendExitAsync(code, cancel).ConfigureAwait(false);
        await channels.CloseAsync(cancel).ConfigureAwait(false);
        await Task.WhenAny(receiving, Task.Delay(CloseLimit, TimeProvider.System, cancel)).ConfigureAwait(false);
    }

    public async Task AttachAsync(HttpContext context, PodWorker worker, ContainerDefinition container)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await NodeEndpoint.RefuseAsync(context, 400, $"a WebSocket of subprotocol {RemoteChannels.Protocol} is required").ConfigureAwait(false);
            return;
        }
        var id = worker.Record[container.Name].Id;
        AttachedContainer attached;
        try
        {
            attached = await AttachedContainer.OpenAsync(Path.Combine(paths.Sockets, id, "attach"), Path.Combine(paths.Pod(worker.Uid), "b", id), context.RequestAborted).ConfigureAwait(false);
        }
        catch (SocketException gone)
        {
            await NodeEndpoint.RefuseAsync(context, 400, $"container {container.Name} is not running: {gone.Message}").ConfigureAwait(false);
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync(RemoteChannels.Protocol).ConfigureAwait(false);
        using var channels = new RemoteChannels(socket);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        try
        {
            var receiving = channels.ReceiveAsync(LogAnswer.IsTrue(context.Request.Query["stdin"]) ? attached : null, attached.Resize, ended.Token);
            var output = attached.PumpAsync(channels, ended.Token);
            await (await Task.WhenAny(receiving, output).ConfigureAwait(false)).ConfigureAwait(false);
            if (output.IsCompleted)
                await FinishAsync(channels, 0, "", receiving, ended.Token).ConfigureAwait(false);
        }
        catch (Exception left) when (left is WebSocketException or OperationCanceledException or SocketException)
        {
            // Either end is gone.
            return;
        }
        finally
        {
            attached.Detach();
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>One TCP connection, made inside the pod's network namespace to its loopback address.</summary>
    public static async Task PortForwardAsync(HttpContext context, PodWorker worker)
    {
        if (!context.WebSockets.IsWebSocketRequest || !int.TryParse(context.Request.Query["port"], out var port) || port is < 1 or > 65535)
        {
            await NodeEndpoint.RefuseAsync(context, 400, $"a WebSocket of subprotocol {ForwardProtocol} and port=1..65535 are required").ConfigureAwait(false);
            return;
        }
        Socket connection;
        try
        {
            connection = await Syscalls.InNetworkNamespaceAsync(PodNetwork.NamespacePath(worker.Uid), () =>
            {
                var made = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                made.Connect(IPAddress.Loopback, port);
                return made;
            }).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is SocketException or IOException)
        {
            await NodeEndpoint.RefuseAsync(context, 502, $"failed to connect to localhost:{port} inside the pod: {failed.Message}").ConfigureAwait(false);
            return;
        }
        using var stream = new NetworkStream(connection, ownsSocket: true);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(ForwardProtocol).ConfigureAwait(false);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        try
        {
            var towards = ToPodAsync(socket, stream, connection, ended.Token);
            await FromPodAsync(stream, socket, ended.Token).ConfigureAwait(false);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ended.Token).ConfigureAwait(false);
            await Task.WhenAny(towards, Task.Delay(CloseLimit, TimeProvider.System, ended.Token)).ConfigureAwait(false);
        }
        catch (Exception left) when (left is WebSocketException or IOException or OperationCanceledException)
        {
            // Either end is gone: so is the connection.
            return;
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async Task ToPodAsync(WebSocket socket, NetworkStream stream, Socket connection, CancellationToken cancel)
    {
        var buffer = new byte[CopySize];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancel).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                connection.Shutdown(SocketShutdown.Send);
                return;
            }
            await stream.WriteAsync(buffer.AsMemory(0, part.Count), cancel).ConfigureAwait(false);
        }
    }

    private static async Task FromPodAsync(NetworkStream stream, WebSocket socket, CancellationToken cancel)
    {
        var buffer = new byte[CopySize];
        while (await stream.ReadAsync(buffer, cancel).ConfigureAwait(false) is var read and > 0)
            await socket.SendAsync(buffer.AsMemory(0, read), WebSocketMessageType.Binary, endOfMessage: true, cancel).ConfigureAwait(false);
    }
}
