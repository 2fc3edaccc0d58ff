using System.Text;

namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>Bodies that tell by themselves whether a byte is missing, doubled or another message's.</summary>
internal static class SimBody
{
    public static string Of(int seed, int length) => string.Create(length, seed, static (text, seed) =>
    {
        for (var i = 0; i < text.Length; i++) text[i] = (char)('!' + (((seed * 131) + (i * 7) + (i / 251)) % 90));
    });

    /// <summary>Head and body with a length, in chunks, or (responses only) up to the end of the connection.</summary>
    public static byte[] Message(string head, string body, Framing framing, Random random)
    {
        var text = new StringBuilder(head);
        switch (framing)
        {
            case Framing.Length:
                text.Append("content-length: ").Append(body.Length).Append("\r\n\r\n").Append(body);
                break;
            case Framing.UntilEnd:
                text.Append("connection: close\r\n\r\n").Append(body);
                break;
            default:
                text.Append("transfer-encoding: chunked\r\n\r\n");
                for (var at = 0; at < body.Length;)
                {
                    var size = Math.Min(body.Length - at, random.Next(1, 20_000));
                    text.Append(size.ToString("x")).Append("\r\n").Append(body, at, size).Append("\r\n");
                    at += size;
                }
                text.Append("0\r\n\r\n");
                break;
        }
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    internal enum Framing
    {
        Length,
        Chunked,
        UntilEnd,
    }
}
