namespace Fairlead.Proxy.Loop;

/// <summary>The date header's text (RFC 9110 5.6.7), printed once a second.</summary>
internal sealed class HttpDate(EventLoop loop)
{
    private readonly byte[] _text = new byte[29];
    private long _second = -1;

    public ReadOnlySpan<byte> Text()
    {
        var now = loop.WallTime(loop.Timestamp);
        var second = now.ToUnixTimeSeconds();
        if (second == _second) return _text;
        _second = second;
        now.TryFormat(_text, out _, "R");
        return _text;
    }
}
