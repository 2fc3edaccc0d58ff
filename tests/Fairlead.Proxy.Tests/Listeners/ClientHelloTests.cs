using System.Buffers.Binary;
using System.Text;
using Fairlead.Proxy.Listeners;

namespace Fairlead.Proxy.Tests.Listeners;

public sealed class ClientHelloTests
{
    internal static byte[] Build(string? name, string[] protocols, int recordBytes = 16384)
    {
        var extensions = new List<byte>();
        if (name is not null)
        {
            var host = Encoding.ASCII.GetBytes(name);
            extensions.AddRange([0, 0, .. U16(host.Length + 5), .. U16(host.Length + 3), 0, .. U16(host.Length), .. host]);
        }
        if (protocols.Length > 0)
        {
            var list = protocols.SelectMany(protocol => new[] { (byte)protocol.Length }.Concat(Encoding.ASCII.GetBytes(protocol))).ToArray();
            extensions.AddRange([0, 16, .. U16(list.Length + 2), .. U16(list.Length), .. list]);
        }
        byte[] body = [3, 3, .. new byte[32], 0, 0, 2, 0x13, 1, 1, 0, .. U16(extensions.Count), .. extensions];
        byte[] message = [1, 0, .. U16(body.Length), .. body];
        return [.. message.Chunk(recordBytes).SelectMany(fragment => (byte[])[22, 3, 1, .. U16(fragment.Length), .. fragment])];
    }

    private static byte[] U16(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }

    [Theory]
    [InlineData(16384)]
    [InlineData(11)]
    public void Names_and_protocols_are_found_at_every_cut_and_over_several_records(int recordBytes)
    {
        var bytes = Build("WWW.Example.com", ["h2", "http/1.1"], recordBytes);
        for (var cut = 0; cut < bytes.Length; cut++)
            ClientHello.Read(bytes.AsSpan(0, cut), 16384, out _).ShouldBe(ClientHello.Outcome.NeedMore, $"cut at {cut}");

        ClientHello.Read(bytes, 16384, out var hello).ShouldBe(ClientHello.Outcome.Found);
        Encoding.ASCII.GetString(hello!.ServerName!).ShouldBe("www.example.com");
        hello.Protocols.ShouldBe(["h2", "http/1.1"]);
    }

    [Fact]
    public void Plain_text_is_not_TLS() => ClientHello.Read("GET / HTTP/1.1\r\n"u8, 16384, out _).ShouldBe(ClientHello.Outcome.NotTls);

    [Fact]
    public void A_hello_beyond_the_limit_is_too_large() =>
        ClientHello.Read(Build(new string('a', 600), []), 512, out _).ShouldBe(ClientHello.Outcome.TooLarge);

    [Fact]
    public void Mutated_hellos_never_throw()
    {
        var random = new Random(99);
        var seed = Build("www.example.com", ["h2"]);
        var outcomes = new HashSet<ClientHello.Outcome>();
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])seed.Clone();
            for (var change = random.Next(4); change >= 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            outcomes.Add(ClientHello.Read(bytes.AsSpan(0, random.Next(bytes.Length + 1)), 4096, out _));
        }
        outcomes.ShouldContain(ClientHello.Outcome.Malformed);
        outcomes.ShouldContain(ClientHello.Outcome.Found);
    }
}
