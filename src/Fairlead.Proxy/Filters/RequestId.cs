using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// x-request-id and the tracing decision that it carries: a random UUID whose 15th character is '4' for not traced, '9' sampled,
/// 'a' forced, 'b' asked for by the client; the first eight hex digits modulo 10,000 are the sampling draw.
/// </summary>
internal static class RequestId
{
    private const int Length = 36;
    private const int TraceDigit = 14;

    public const byte NotTraced = (byte)'4';
    public const byte Sampled = (byte)'9';
    public const byte Forced = (byte)'a';
    public const byte Client = (byte)'b';

    /// <summary>Gives the request its id.</summary>
    /// <returns>The digit of the tracing decision; '4' for a request without one.</returns>
    public static byte Apply(HeaderBlock headers, HttpConnectionManagerConfig config, bool isEdge, RandomSource random)
    {
        var present = headers.TryGet("x-request-id"u8, out var received) && !received.IsEmpty;
        var generated = config.GenerateRequestId && (!present || (isEdge && !config.PreserveExternalRequestId));
        if (!generated && !present) return NotTraced;
        Span<byte> id = stackalloc byte[Length];
        uint word = 0; // the first eight digits: the sampling draw
        if (generated) word = Generate(id, random);
        else if (received.Length == Length && IsUuid(received)) received.CopyTo(id);
        else return NotTraced;
        var digit = id[TraceDigit];
        if (!config.UseRequestIdForTraceSampling && config.Tracing is not null)
        {
            // The id does not carry the decision; as in Envoy, the tracer would make it.
            if (generated) headers.Set("x-request-id"u8, id);
            return Sampled;
        }
        if (config.Tracing is { } tracing && config.PackTraceReason) digit = Decide(digit, generated ? word : FirstWord(id), headers, tracing);
        if (!generated && id[TraceDigit] == digit) return digit;
        id[TraceDigit] = digit;
        headers.Set("x-request-id"u8, id);
        return digit;
    }

    private static byte Decide(byte digit, uint word, HeaderBlock headers, TracingConfig tracing)
    {
        var draw = (int)(word % 10_000);
        if (digit is not (Sampled or Forced or Client))
        {
            digit = NotTraced;
            if (headers.Contains("x-client-trace-id"u8) && draw < tracing.Client) digit = Client;
            else if (headers.Contains("x-envoy-force-trace"u8)) digit = Forced;
            else if (draw < tracing.Random) digit = Sampled;
        }
        return digit != NotTraced && draw >= tracing.Overall ? NotTraced : digit;
    }

    private static uint FirstWord(ReadOnlySpan<byte> id)
    {
        uint word = 0;
        for (var i = 0; i < 8; i++) word = (word << 4) | HexValue(id[i]);
        return word;
    }

    private static bool IsUuid(ReadOnlySpan<byte> id)
    {
        for (var i = 0; i < Length; i++)
        {
            var dash = i is 8 or 13 or 18 or 23;
            if (dash ? id[i] != (byte)'-' : Hex(id[i]) < 0) return false;
        }
        return true;
    }

    /// <summary>Of a digit that is known to be one; without branches, which random digits would have the processor guess wrong.</summary>
    private static uint HexValue(byte digit) => (digit & 0xfu) + (9u * (uint)(digit >> 6));

    private static int Hex(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };

    /// <summary>UUID version 4, variant 1, lower case.</summary>
    /// <returns>What its first eight digits say.</returns>
    private static uint Generate(Span<byte> id, RandomSource random)
    {
        Span<ulong> bits = [random.Next(), random.Next()];
        var bytes = MemoryMarshal.AsBytes(bits);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        new Guid(bytes, bigEndian: true).TryFormat(id, out _);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }
}
