using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Appends UTF-8 to a span; once something did not fit, <see cref="Overflowed"/> stays true and nothing more is written.</summary>
internal ref struct Utf8Writer(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private int _capacity = destination.Length; // below zero once something did not fit, so that nothing fits any more: one comparison a write

    public int Written { get; private set; }

    public readonly bool Overflowed => _capacity < 0;

    /// <summary>Where writing goes on. Whoever writes there has compared with the capacity.</summary>
    private readonly ref byte Next => ref Unsafe.Add(ref MemoryMarshal.GetReference(_destination), Written);

    public void Write(scoped ReadOnlySpan<byte> text)
    {
        if (text.Length > _capacity - Written)
        {
            _capacity = -1;
            return;
        }
        text.CopyTo(MemoryMarshal.CreateSpan(ref Next, text.Length));
        Written += text.Length;
    }

    public void Write(string text)
    {
        if (Encoding.UTF8.TryGetBytes(text, Rest, out var length)) Written += length;
        else _capacity = -1;
    }

    public void Write(byte character)
    {
        if (Written >= _capacity)
        {
            _capacity = -1;
            return;
        }
        Next = character;
        Written++;
    }

    /// <summary>Writes the first <paramref name="length"/> bytes (eight at most) of a text that is kept as a number, in memory order.</summary>
    public void WritePacked(ulong text, int length)
    {
        if (_capacity - Written >= sizeof(ulong))
        {
            Unsafe.WriteUnaligned(ref Next, text);
            Written += length;
            return;
        }
        Write(MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in text))[..length]);
    }

    public void Write(long number)
    {
        if ((ulong)number < FourDigits.Limit && _capacity - Written >= sizeof(uint)) Written += FourDigits.Write(ref Next, (uint)number);
        else if (Utf8Formatter.TryFormat(number, Rest, out var length)) Written += length;
        else _capacity = -1;
    }

    public void Write(Guid id)
    {
        if (Utf8Formatter.TryFormat(id, Rest, out var length)) Written += length;
        else _capacity = -1;
    }

    public void Write(double number)
    {
        if (Utf8Formatter.TryFormat(number, Rest, out var length)) Written += length;
        else _capacity = -1;
    }

    /// <summary>Decimal, padded with zeros on the left to at least <paramref name="width"/> digits.</summary>
    public void WritePadded(long number, int width)
    {
        if ((ulong)number < FourDigits.Limit && width <= sizeof(uint) && _capacity - Written >= sizeof(uint)) Written += FourDigits.Write(ref Next, (uint)number, width);
        else if (Utf8Formatter.TryFormat(number, Rest, out var length, new('D', (byte)width))) Written += length;
        else _capacity = -1;
    }

    public void Write(in IpEndpoint endpoint)
    {
        if (_capacity - Written >= IpEndpoint.MaxTextBytes)
        {
            Written += endpoint.Format(Rest);
            return;
        }
        WriteNearEnd(endpoint);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WriteNearEnd(in IpEndpoint endpoint)
    {
        Span<byte> text = stackalloc byte[IpEndpoint.MaxTextBytes];
        Write(text[..endpoint.Format(text)]);
    }

    /// <summary>The network of so many bits that the address is in, as "10.1.0.0/16".</summary>
    public void WriteNetwork(in IpEndpoint endpoint, int prefixLength)
    {
        prefixLength = Math.Min(prefixLength, endpoint.IsIPv4 ? 32 : 128);
        WriteAddress(endpoint.Masked(prefixLength));
        Write((byte)'/');
        Write((long)prefixLength);
    }

    public void WriteAddress(in IpEndpoint endpoint)
    {
        Span<byte> text = stackalloc byte[IpEndpoint.MaxTextBytes];
        Write(text[..endpoint.FormatAddress(text)]);
    }

    /// <summary>Gives up what was written after <paramref name="position"/>.</summary>
    public void Rewind(int position) => Written = position;

    /// <summary>The text written since <paramref name="position"/>.</summary>
    public readonly Span<byte> Since(int position) => _destination[position..Written];

    private readonly Span<byte> Rest => _capacity < 0 ? default : _destination[Written..];
}
