using System.Threading.Channels;

namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>
/// One stream that the peer opened. <see cref="Input"/> ends when the peer has ended its half, and fails when it reset the stream or went away.
/// Input that nobody takes holds up the whole connection (the peers that we serve account for no windows), so nothing grows.
/// </summary>
internal sealed class SpdyStream(SpdyConnection connection, int id, IReadOnlyDictionary<string, string> headers)
{
    /// <summary>Pieces of input that wait for their taker.</summary>
    private const int InputLimit = 16;
    private const int InputHalf = 1, OutputHalf = 2;

    private readonly Channel<ReadOnlyMemory<byte>> input = Channel.CreateBounded<ReadOnlyMemory<byte>>(InputLimit);

    /// <summary>Which halves are over; two threads end them.</summary>
    private int over;

    public int Id { get; } = id;

    public IReadOnlyDictionary<string, string> Headers { get; } = headers;

    public ChannelReader<ReadOnlyMemory<byte>> Input => input.Reader;

    /// <summary>Both halves are over: the connection forgets the stream.</summary>
    public bool IsOver => Volatile.Read(ref over) == (InputHalf | OutputHalf);

    public string Header(string name) => Headers.TryGetValue(name, out var value) ? value : "";

    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        if ((Volatile.Read(ref over) & OutputHalf) == 0 && bytes.Length > 0)
            await connection.WriteDataAsync(Id, bytes, isLast: false, cancellation);
    }

    /// <summary>Our half is over.</summary>
    public async Task EndAsync(CancellationToken cancellation)
    {
        if ((Interlocked.Or(ref over, OutputHalf) & OutputHalf) != 0)
            return;
        await connection.WriteDataAsync(Id, default, isLast: true, cancellation);
        connection.ForgetIfOver(this);
    }

    public async ValueTask TakeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await input.Writer.WriteAsync(bytes, cancellation);
        }
        catch (ChannelClosedException)
        {
            // Data after its end, or after we gave the stream up: it has no taker.
            return;
        }
    }

    public void EndInput()
    {
        Interlocked.Or(ref over, InputHalf);
        input.Writer.TryComplete();
        connection.ForgetIfOver(this);
    }

    /// <summary>The peer gave up both halves.</summary>
    public void Abort(Exception fault)
    {
        Interlocked.Or(ref over, InputHalf | OutputHalf);
        input.Writer.TryComplete(fault);
    }

    /// <summary>Nobody will take more input: what still comes is dropped, and holds up nobody.</summary>
    public void DropInput()
    {
        input.Writer.TryComplete();
        while (input.Reader.TryRead(out _))
        {
            // Dropped: its taker is gone.
        }
    }
}
