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
        switch (_source.Kind)
        {
            case ValueKind.Other: _source.Write!(ref writer, info); break;
            case ValueKind.RequestHeader: CommonValues.WriteHeader(ref writer, info.RequestHeaders, _source.Name, _source.Alternative); break;
            case ValueKind.ResponseHeader: CommonValues.WriteHeader(ref writer, info.ResponseHeaders, _source.Name, _source.Alternative); break;
            case ValueKind.StartTime: _source.Time!.Write(ref writer, info.StartTime); break;
            case ValueKind.Duration: CommonValues.WriteSpan(ref writer, info.StartTimestamp, info.EndTimestamp, 1000, _source.TicksPerSecond); break;
            default: CommonValues.Write(ref writer, info, _source.Kind); break;
        }
        if (writer.Overflowed) return true;
        if (writer.Written - start > MaxBytes) writer.Rewind(start + MaxBytes);
        return writer.Written > start;
    }
}
