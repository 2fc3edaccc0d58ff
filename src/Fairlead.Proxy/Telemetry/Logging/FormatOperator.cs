namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Writes the value of one operator; writes nothing when the value is unset.</summary>
internal delegate void WriteValue(ref Utf8Writer writer, StreamInfo info);

/// <summary>A literal or an operator of a format.</summary>
/// <param name="Literal">Null for an operator.</param>
/// <param name="Source">Of an operator.</param>
/// <param name="MaxBytes">Longest value; longer ones are cut.</param>
/// <param name="IsNumber">JSON prints the value bare.</param>
internal sealed record FormatOperator(byte[]? Literal, ValueSource Source, int MaxBytes, bool IsNumber)
{
    private readonly ValueSource _source = Source;

    /// <summary>Writes the value, cut to its limit. False = unset.</summary>
    public bool TryWrite(ref Utf8Writer writer, StreamInfo info)
    {
        var start = writer.Written;
        if (_source.Write is { } write) write(ref writer, info);
        else CommonValues.Write(ref writer, info, _source.Kind, _source.Name, _source.Alternative, _source.Time, _source.TicksPerSecond);
        if (writer.Overflowed) return true;
        if (writer.Written - start > MaxBytes) writer.Rewind(start + MaxBytes);
        return writer.Written > start;
    }
}
