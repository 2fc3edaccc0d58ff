using System.Text;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tests.Support;

/// <summary>A connection whose peer is the test: it says what arrives, and reads what was sent.</summary>
internal sealed class ScriptedChannel : Channel
{
    private readonly Queue<byte[]> _arrived = new();
    private bool _ended;

    public ScriptedChannel(IpEndpoint local, IpEndpoint remote) => (Local, Remote) = (local, remote);

    public string Sent { get; private set; } = string.Empty;

    public void Arrives(string text)
    {
        _arrived.Enqueue(Encoding.Latin1.GetBytes(text));
        MayRead = true;
    }

    public void Ends() => MayRead = _ended = true;

    public override int Receive(Span<byte> destination)
    {
        MayRead = _ended;
        if (!_arrived.TryDequeue(out var bytes)) return _ended ? 0 : -Libc.EAGAIN;
        bytes.CopyTo(destination);
        return bytes.Length;
    }

    public override int Send(ReadOnlySpan<byte> source)
    {
        if (!IsOpen) return -Libc.EPIPE;
        Sent += Encoding.Latin1.GetString(source);
        return source.Length;
    }

    public override void ShutdownSend() => throw new InvalidOperationException("a connection that is kept alive sends no end");

    public override void Close(bool reset = false) => IsOpen = false;
}
