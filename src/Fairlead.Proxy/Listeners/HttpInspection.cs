using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Listeners;

/// <summary>Guesses the protocol from a connection's first bytes, as Envoy's http_inspector: HTTP/2's preface or a valid request line.</summary>
internal static class HttpInspection
{
    private const int MaxLineBytes = 64 * 1024; // a request line longer than any head that is accepted

    public enum Outcome
    {
        NeedMore,
        NotHttp,
        Http10,
        Http11,
        Http2,
    }

    public static Outcome Read(ReadOnlySpan<byte> received)
    {
        var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;
        var common = Math.Min(received.Length, preface.Length);
        if (common > 0 && received[..common].SequenceEqual(preface[..common])) return common == preface.Length ? Outcome.Http2 : Outcome.NeedMore;
        var end = received.IndexOf((byte)'\n');
        if (end < 0)
        {
            var space = received.IndexOf((byte)' ');
            var method = space < 0 ? received : received[..space];
            if (received.Length > MaxLineBytes || (received.Length > 0 && !FieldBytes.IsToken(method))) return Outcome.NotHttp;
            return Outcome.NeedMore;
        }
        var line = received[..end];
        if (line is [.., (byte)'\r']) line = line[..^1];
        var last = line.LastIndexOf((byte)' ');
        var first = line.IndexOf((byte)' ');
        if (first <= 0 || last <= first || !FieldBytes.IsToken(line[..first])) return Outcome.NotHttp;
        return line[(last + 1)..] switch
        {
            [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', (byte)'1', (byte)'.', (byte)'1'] => Outcome.Http11,
            [(byte)'H', (byte)'T', (byte)'T', (byte)'P', (byte)'/', (byte)'1', (byte)'.', (byte)'0'] => Outcome.Http10,
            _ => Outcome.NotHttp,
        };
    }
}
