using System.Globalization;
using System.Net.Sockets;

namespace Fairlead.Node.Endpoint;

/// <summary>
/// A running container's streams at conmon's attach socket: packets, each marked with its stream. As a stream it takes standard input, and disposing it ends that input
/// (conmon, src/conn_sock.c).
/// </summary>
internal sealed class AttachedContainer : Stream
{
    /// <summary>The longest packet that conmon sends or takes (CONN_SOCK_BUF_SIZE).</summary>
    private const int PacketSize = 32 * 1024;

    /// <summary>The mark of standard output; of standard error it is 3.</summary>
    private const byte StandardOutput = 2;

    private readonly Socket socket;
    private readonly string bundle;
    private bool inputEnded;

    private AttachedContainer(Socket socket, string bundle)
    {
        this.socket = socket;
        this.bundle = bundle;
    }

    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <param name="socketPath">conmon's socket of the container.</param>
    /// <param name="bundle">The container's bundle, where conmon listens for sizes of its terminal.</param>
    /// <exception cref="SocketException">The container has ended.</exception>
    public static async Task<AttachedContainer> OpenAsync(string socketPath, string bundle, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancel).ConfigureAwait(false);
            return new AttachedContainer(socket, bundle);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Copies what the container prints until it ends.</summary>
    public async Task PumpAsync(RemoteChannels channels, CancellationToken cancel)
    {
        var packet = new byte[PacketSize + 1];
        while (await socket.ReceiveAsync(packet, cancel).ConfigureAwait(false) is var length and > 0)
            await channels.SendAsync(packet[0] == StandardOutput ? (byte)1 : (byte)2, packet.AsMemory(1, length - 1), cancel).ConfigureAwait(false);
    }

    public void Resize(ushort columns, ushort rows)
    {
        var sizes = Path.Combine(bundle, "winsz");
        if (File.Exists(sizes))
            File.WriteAllText(sizes, string.Create(CultureInfo.InvariantCulture, $"{rows} {columns}\n"));
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var rest = buffer; rest.Length > 0; rest = rest[Math.Min(rest.Length, PacketSize)..])
        {
            try
            {
                await socket.SendAsync(rest[..Math.Min(rest.Length, PacketSize)], cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException gone)
            {
                throw new IOException("the container no longer reads", gone);
            }
        }
    }

    /// <summary>The socket itself; what was attached goes on.</summary>
    public void Detach() => socket.Dispose();

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        EndInput();
        base.Dispose(disposing);
    }

    private void EndInput()
    {
        if (inputEnded)
            return;
        inputEnded = true;
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // The container, and with it the socket's other end, went first.
            return;
        }
    }
}
