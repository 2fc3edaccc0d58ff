using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fairlead.Proxy.Http1;

/// <summary>
/// Field lines of the shape that nearly all have: a name of token characters, ": ", a value without white space at its ends and without
/// controls, CRLF. They are checked and kept in one pass, vector by vector. A line of any other shape is for <see cref="FieldLine"/>, which
/// knows all of RFC 9112 5 and names what is wrong: this pass only ever takes what that one would take, too.
/// </summary>
internal static unsafe class UsualLines
{
    private const int MaxAtOnce = 64; // lines of one call
    private const int Step = 32; // bytes of the longer vector
    private const int LineEnd = 2; // bytes of CRLF
    private const ushort ColonSpace = ':' | (' ' << 8), CrLf = '\r' | ('\n' << 8); // as little-endian memory has them
    private const uint Host = 'h' | ('o' << 8) | ('s' << 16) | ((uint)'t' << 24);

    /// <summary>
    /// Takes whole lines from the beginning of <paramref name="input"/> on, up to the first of another shape. Returns their length.
    /// </summary>
    public static int Take(ReadOnlySpan<byte> input, HeaderBlock headers, in Http1Limits limits, bool isRequest)
    {
        if (limits.RejectUnderscores || limits.DropUnderscores || input.Length < Step) return 0;
        var taken = Take(input, headers.Room, headers, Math.Min(limits.MaxFields - headers.Count, MaxAtOnce), isRequest);
        headers.Keep(taken);
        return taken;
    }

    /// <summary>Announces at most <paramref name="most"/> lines and writes them to <paramref name="room"/>. Returns their length.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)] // registers of its own
    internal static int Take(ReadOnlySpan<byte> input, Span<byte> room, HeaderBlock headers, int most, bool isRequest)
    {
        fixed (byte* from = input, to = room)
        {
            var area = new Area(from, input.Length, to, room.Length);
            var line = from;
            for (; most > 0; most--)
            {
                var nameEnd = area.KeepName(line);
                var nameLength = nameEnd - line;
                if (nameEnd == null || *(ushort*)nameEnd != ColonSpace || (nuint)(nameLength - 1) >= ushort.MaxValue) break;
                *(ushort*)(nameEnd + area.Shift) = ColonSpace;
                var value = nameEnd + 2;
                var end = area.KeepValue(value);
                if (end == null || area.End - end < LineEnd || *(ushort*)end != CrLf || *value == ' ' || end[-1] == ' ') break;
                *(ushort*)(end + area.Shift) = CrLf;
                var isHost = isRequest && nameLength == 4 && (*(uint*)line | 0x20202020) == Host;
                if (isHost && !MayBeHost(new ReadOnlySpan<byte>(value, (int)(end - value)), headers)) break;
                var slot = headers.Announce((int)(line - from), MemoryMarshal.CreateReadOnlySpan(ref *line, (int)nameLength), (int)(end - value));
                if (isHost && headers.Authority.IsEmpty) headers.SetAuthorityFrom(slot);
                line = end + LineEnd;
            }
            return (int)(line - from);
        }
    }

    /// <summary>The first Host line, and one that FieldLine would take.</summary>
    private static bool MayBeHost(ReadOnlySpan<byte> value, HeaderBlock headers) => !headers.MayContain("host"u8) && FieldLine.IsAuthority(value);

    /// <summary>Where lines are read, and where they are kept: a byte at the same distance from the beginning.</summary>
    private readonly struct Area(byte* from, int length, byte* to, int room)
    {
        // The last places from which a vector and what is written behind it fit on both sides.
        private readonly byte* _lastName = from + Math.Min(length, room) - Vector128<byte>.Count - LineEnd;

        private readonly byte* _lastValue = from + Math.Min(length, room - LineEnd) - Step;

        private readonly byte* _roomEnd = to + room;

        /// <summary>Behind the input.</summary>
        public byte* End { get; } = from + length;

        /// <summary>From a byte to where it is kept.</summary>
        public nint Shift { get; } = (nint)(to - from);

        /// <summary>Keeps a name in lower case, and what follows up to a vector's end. Returns the first byte that is no token character; null = too near to an end.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte* KeepName(byte* at)
        {
            for (; at <= _lastName; at += Vector128<byte>.Count)
            {
                var bytes = Vector128.Load(at);
                FieldBytes.Lower(bytes).Store(at + Shift);
                var stops = FieldBytes.NotTokens(bytes);
                if (stops != 0) return at + BitOperations.TrailingZeroCount(stops);
            }
            return null;
        }

        /// <summary>Keeps a value and what follows up to a vector's end. Returns the first control; null = there is none, or no room.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public byte* KeepValue(byte* at)
        {
            for (; at <= _lastValue; at += Step)
            {
                var bytes = Vector256.Load(at);
                bytes.Store(at + Shift);
                var stops = FieldBytes.Controls(bytes);
                if (stops != 0) return at + BitOperations.TrailingZeroCount(stops);
            }
            return KeepTail(at);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private byte* KeepTail(byte* at)
        {
            // The input's last vector begins before what is left of the value and may not be kept whole: names before it are lowered already.
            var tail = End - Step;
            if (at < tail || at >= End || End + Shift > _roomEnd) return null;
            new ReadOnlySpan<byte>(at, (int)(End - at)).CopyTo(new Span<byte>(at + Shift, (int)(End - at)));
            var stops = FieldBytes.Controls(Vector256.Load(tail)) >> (int)(at - tail);
            return stops == 0 ? null : at + BitOperations.TrailingZeroCount(stops);
        }
    }
}
