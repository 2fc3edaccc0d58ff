using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Tests.Http1;

/// <summary>What is taken vector by vector is what <see cref="FieldLine"/> would take line by line, and no byte beyond either end is touched.</summary>
public sealed unsafe partial class UsualLinesTests
{
    private static readonly Http1Limits Limits = new(60 * 1024, 100, false, false, false);

    [Fact]
    public void The_classes_of_bytes_are_those_of_the_tables()
    {
        Span<byte> one = stackalloc byte[1];
        for (var value = 0; value < 256; value++)
        {
            one[0] = (byte)value;
            (FieldBytes.NotTokens(Vector128.Create((byte)value)) == 0).ShouldBe(FieldBytes.IsToken(one), $"token {value:x2}");
            (FieldBytes.Controls(Vector256.Create((byte)value)) == 0).ShouldBe(FieldBytes.IsValue(one) && value != '\t', $"value {value:x2}");
            var lowered = FieldBytes.Lower(Vector128.Create((byte)value)).ToScalar();
            lowered.ShouldBe(value is >= 'A' and <= 'Z' ? (byte)(value + 32) : (byte)value);
        }
        var mixed = "Ab:c d\r\n........"u8;
        FieldBytes.NotTokens(Vector128.Create(mixed)).ShouldBe(0b11010100u);
    }

    [Theory]
    [InlineData("Accept: */*\r\nUser-Agent: curl/8.0 (x)\r\n\r\n", 39, "accept=*/*|user-agent=curl/8.0 (x)")]
    [InlineData("X-Name-Of-More-Than-Sixteen-Bytes: v\r\nLast: of a head that ends the input here\r\n\r\n", 80, "x-name-of-more-than-sixteen-bytes=v|last=of a head that ends the input here")]
    [InlineData("A: a value whose end lies beyond two vectors of thirty-two bytes each: here\r\nB: 1\r\n\r\nbody body body body body body body", 83,
        "a=a value whose end lies beyond two vectors of thirty-two bytes each: here|b=1")]
    [InlineData("A: 1\r\nB : 2\r\n\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("A: 1\r\nB:  2\r\n\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("A: 1\r\nB: 2 \r\n\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("A: 1\r\nB: 2\t3\r\n\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("A: 1\r\nB: \r\n\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("A: 1\r\nB: 2\n\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("A: 1\r\nB: 2\r\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("A: 1\r\n: 2\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("A: 1\r\nHost: a/b\r\nbody body body body body body body", 6, "a=1")]
    [InlineData("HOST: a\r\nHost: b\r\nbody body body body body body body", 9, "host=a")]
    [InlineData("A: 1\r\n\r\n", 0, "")]
    public void Lines_are_taken_up_to_the_first_of_another_shape(string input, int taken, string fields)
    {
        var headers = new HeaderBlock();

        UsualLines.Take(Encoding.Latin1.GetBytes(input), headers, Limits, isRequest: true).ShouldBe(taken);

        Show(headers).ShouldBe(fields);
    }

    [Fact]
    public void Underscores_are_left_to_who_refuses_or_drops_them()
    {
        var input = "a_b: 1\r\nlonger-than-a-vector: xxxxxxxxxxxxxxxxxx\r\n\r\n"u8;

        UsualLines.Take(input, new HeaderBlock(), Limits, isRequest: true).ShouldBe(input.Length - 2);
        UsualLines.Take(input, new HeaderBlock(), new Http1Limits(60 * 1024, 100, true, false, false), isRequest: true).ShouldBe(0);
        UsualLines.Take(input, new HeaderBlock(), new Http1Limits(60 * 1024, 100, false, true, false), isRequest: true).ShouldBe(0);
    }

    [Fact]
    public void Each_line_is_what_it_is_when_read_alone()
    {
        var random = new Random(4711);
        var taken = 0;
        for (var round = 0; round < 5000; round++)
        {
            var input = RandomLines(random);
            var (together, alone) = (new HeaderBlock(), new HeaderBlock());

            var length = UsualLines.Take(input, together, Limits, isRequest: round % 2 == 0);

            for (var rest = input.AsSpan(0, length); rest.Length > 0;)
            {
                var end = rest.IndexOf("\r\n"u8);
                FieldLine.Parse(rest[..end], alone, Limits, isRequest: round % 2 == 0).ShouldBe(Http1Error.None);
                rest = rest[(end + 2)..];
            }
            Show(together).ShouldBe(Show(alone));
            together.Authority.SequenceEqual(alone.Authority).ShouldBeTrue();
            taken += together.Count;
        }
        taken.ShouldBeGreaterThan(10_000, "most lines have the usual shape");
    }

    [Fact]
    public void Nothing_beyond_the_input_is_read_and_nothing_beyond_the_room_is_written()
    {
        // Both end where a page without access begins: one byte beyond ends the process.
        using var from = new GuardedPage();
        using var to = new GuardedPage();
        var random = new Random(99);
        var most = 0;
        for (var round = 0; round < 5000; round++)
        {
            var lines = RandomLines(random);
            var input = from.Last(random.Next(Vector256<byte>.Count, Math.Max(Vector256<byte>.Count, lines.Length) + 1));
            lines.AsSpan(0, Math.Min(lines.Length, input.Length)).CopyTo(input);
            var room = to.Last(random.Next(input.Length + 40));

            var length = UsualLines.Take(input, room, new HeaderBlock(), 100, isRequest: false);

            length.ShouldBeLessThanOrEqualTo(Math.Min(input.Length, room.Length));
            room[..length].SequenceEqual(Lowered(input[..length])).ShouldBeTrue();
            most = Math.Max(most, length);
        }
        most.ShouldBeGreaterThan(300, "several lines at once");
    }

    /// <summary>Names in lower case, as they are kept.</summary>
    private static byte[] Lowered(ReadOnlySpan<byte> lines)
    {
        var isName = true;
        var lowered = lines.ToArray();
        for (var i = 0; i < lowered.Length; i++)
        {
            if (lowered[i] == ':') isName = false;
            else if (lowered[i] == '\n') isName = true;
            else if (isName && lowered[i] is >= (byte)'A' and <= (byte)'Z') lowered[i] += 32;
        }
        return lowered;
    }

    private static byte[] RandomLines(Random random)
    {
        var text = new StringBuilder();
        for (var line = random.Next(1, 8); line > 0; line--)
        {
            var name = random.Next(12) == 0 ? "Host" : Characters(random, random.Next(1, 40), "abcXYZ019-_!~");
            var value = Characters(random, random.Next(0, 90), "abcdefghi XYZ0123;=/\u00e4,");
            text.Append(name).Append(random.Next(15) == 0 ? ":" : ": ").Append(value).Append("\r\n");
        }
        text.Append("\r\n").Append('b', random.Next(60));
        var bytes = Encoding.Latin1.GetBytes(text.ToString());
        if (random.Next(3) == 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return bytes;
    }

    private static string Characters(Random random, int count, string set) => string.Create(count, (random, set), static (span, state) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = state.set[state.random.Next(state.set.Length)];
    });

    private static string Show(HeaderBlock block) => string.Join(
        "|", Enumerable.Range(0, block.SlotCount).Select(i => $"{Encoding.Latin1.GetString(block.Name(i))}={Encoding.Latin1.GetString(block.Value(i))}"));

    /// <summary>A page of memory behind which nothing may be touched.</summary>
    private sealed partial class GuardedPage : IDisposable
    {
        private const int PageBytes = 4096, ProtectNone = 0, ProtectReadWrite = 3, PrivateAnonymous = 0x22;

        private readonly nint _pages = MapMemory(0, 2 * PageBytes, ProtectReadWrite, PrivateAnonymous, -1, 0);

        public GuardedPage()
        {
            _pages.ShouldNotBe(-1);
            ProtectMemory(_pages + PageBytes, PageBytes, ProtectNone).ShouldBe(0);
        }

        public Span<byte> Last(int bytes) => new((byte*)_pages + PageBytes - bytes, bytes);

        public void Dispose() => UnmapMemory(_pages, 2 * PageBytes).ShouldBe(0);

        [LibraryImport("libc", EntryPoint = "mmap")]
        private static partial nint MapMemory(nint address, nint length, int protection, int flags, int fd, nint offset);

        [LibraryImport("libc", EntryPoint = "mprotect")]
        private static partial int ProtectMemory(nint address, nint length, int protection);

        [LibraryImport("libc", EntryPoint = "munmap")]
        private static partial int UnmapMemory(nint address, nint length);
    }
}
