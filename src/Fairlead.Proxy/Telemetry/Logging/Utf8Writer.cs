using System.Buffers.Text;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Appends UTF-8 to a span; once something did not fit, <see cref="Overflowed"/> stays true and nothing more is written.</summary>
internal ref struct Utf8Writer(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Written { get; private set; }

    public bool Overflowed { get; private set; }

    public void Write(scoped ReadOnlySpan<byte> text)
    {
        if (Overflowed || text.Length > _destination.Length - Written)
        {
            Overflowed = true;
            return;
        }
        text.CopyTo(_destination[Written..]);
        Written += text.Length;
    }

    public void Write(byte character)
    {
        if (Overflowed || Written == _destination.Length)
        {
            Overflowed = true;
            return;
        }
        _destination[Written++] = character;
    }

    public void Write(long number)
    {
        if ((ulong)number < 10 && !Overflowed && Written < _destination.Length) _destination[Written++] = (byte)('0' + number);
        else if (!Overflowed && Utf8Formatter.TryFormat(number, _destination[Written..], out var length)) Written += length;
        else Overflowed = true;
    }

    public void Write(double number)
    {
        if (!Overflowed && Utf8Formatter.TryFormat(number, _destination[Written..], out var length)) Written += length;
        else Overflowed = true;
    }

    /// <summary>Decimal, padded with zeros on the left to at least <paramref name="width"/> digits.</summary>
    public void WritePadded(long number, int width)
    {
        if (!Overflowed && Utf8Formatter.TryFormat(number, _destination[Written..], out var length, new('D', (byte)width))) Written += length;
        else Overflowed = true;
    }

    public void Write(in IpEndpoint endpoint)
    {
        if (!Overflowed && _destination.Length - Written >= IpEndpoint.MaxTextBytes)
        {
            Written += endpoint.Format(_destination[Written..]);
            return;
        }
        Span<byte> text = stackalloc byte[IpEndpoint.MaxTextBytes];
        Write(text[..endpoint.Format(text)]);
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
}
