namespace Fairlead.Proxy.Tests.Fuzz;

/// <summary>Makes inputs that no client sends from ones that clients do: a few changes each, from a seed.</summary>
internal sealed class Mutator(int seed, IReadOnlyList<byte[]> corpus)
{
    private static readonly byte[][] Tokens =
    [
        "\r\n"u8.ToArray(), "\n"u8.ToArray(), "\r"u8.ToArray(), ":"u8.ToArray(), " "u8.ToArray(), "\0"u8.ToArray(), "%"u8.ToArray(), "("u8.ToArray(), "0\r\n\r\n"u8.ToArray(),
        "Content-Length: 7\r\n"u8.ToArray(), "Transfer-Encoding: chunked\r\n"u8.ToArray(), "ffffffffffffffffff"u8.ToArray(), "-1"u8.ToArray(), "99999999999999999999"u8.ToArray(), [0xc0, 0x0c], [0xff, 0xff], "&a *a"u8.ToArray(), "{{"u8.ToArray(), "\t"u8.ToArray(),
    ];

    private readonly Random _random = new(seed);

    public Random Random => _random;

    public byte[] Next()
    {
        var bytes = new List<byte>(corpus[_random.Next(corpus.Count)]);
        for (var changes = _random.Next(1, 6); changes > 0; changes--) Change(bytes);
        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var most = Math.Min(bytes.Count - at, 1 + _random.Next(16));
        switch (_random.Next(7))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, most);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, most));
                break;
            case 4:
                bytes.InsertRange(at, Tokens[_random.Next(Tokens.Length)]);
                break;
            case 5:
                var other = corpus[_random.Next(corpus.Count)];
                var from = _random.Next(other.Length);
                bytes.InsertRange(at, other.AsSpan(from, _random.Next(other.Length - from)).ToArray());
                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
    }
}
