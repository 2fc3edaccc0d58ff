namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Operators about the clock. Durations are whole units, cut off, from timestamps.</summary>
internal static class TimeOperators
{
    private static readonly Dictionary<string, Func<StreamInfo, long>> Points = new(StringComparer.Ordinal)
    {
        ["DS_RX_BEG"] = static info => info.StartTimestamp,
        ["DS_RX_END"] = static info => info.RequestCompleteTimestamp,
        ["DS_CX_BEG"] = static info => info.StartTimestamp,
        ["DS_CX_END"] = static info => info.EndTimestamp,
        ["US_CX_BEG"] = static info => info.UpstreamConnectBeginTimestamp,
        ["US_CX_END"] = static info => info.UpstreamConnectEndTimestamp,
        ["US_HS_END"] = static _ => 0, // no TLS to the upstream
        ["US_TX_BEG"] = static info => info.FirstUpstreamTxTimestamp,
        ["US_TX_END"] = static info => info.LastUpstreamTxTimestamp,
        ["US_RX_BEG"] = static info => info.FirstUpstreamRxTimestamp,
        ["US_RX_BODY_BEG"] = static info => info.FirstUpstreamBodyTimestamp,
        ["US_RX_END"] = static info => info.LastUpstreamRxTimestamp,
        ["DS_TX_BEG"] = static info => info.FirstDownstreamTxTimestamp,
        ["DS_TX_END"] = static info => info.LastDownstreamTxTimestamp,
    };

    public static void AddTo(OperatorTable table, OperatorEnvironment environment)
    {
        var time = environment.Time;
        table.AddCommon("START_TIME", argument => new ValueSource(ValueKind.StartTime, Time: TimeFormat.Compile(argument, TimeZoneInfo.Utc)));
        table.AddCommon("START_TIME_LOCAL", argument => new ValueSource(ValueKind.StartTime, Time: TimeFormat.Compile(argument, time.LocalTimeZone)));
        table.Add("EMIT_TIME", argument => Now(TimeFormat.Compile(argument, TimeZoneInfo.Utc), time));
        table.Add("EMIT_TIME_LOCAL", argument => Now(TimeFormat.Compile(argument, time.LocalTimeZone), time));
        var perSecond = time.TimestampFrequency;
        table.AddCommon("DURATION", new ValueSource(ValueKind.Duration, TicksPerSecond: perSecond), isNumber: true);
        Add("REQUEST_DURATION", static info => info.StartTimestamp, static info => info.RequestCompleteTimestamp);
        Add("REQUEST_TX_DURATION", static info => info.StartTimestamp, static info => info.LastUpstreamTxTimestamp);
        Add("RESPONSE_DURATION", static info => info.StartTimestamp, static info => info.FirstUpstreamRxTimestamp);
        Add("RESPONSE_TX_DURATION", static info => info.FirstUpstreamRxTimestamp, static info => info.LastDownstreamTxTimestamp);
        Add("UPSTREAM_CONNECTION_POOL_READY_DURATION", static info => info.StartTimestamp, static info => info.FirstUpstreamTxTimestamp);
        table.Add("COMMON_DURATION", argument => Between(argument, perSecond), isNumber: true);

        void Add(string name, Func<StreamInfo, long> from, Func<StreamInfo, long> to) =>
            table.Add(name, Span(from, to, 1000, perSecond), isNumber: true);
    }

    private static WriteValue Now(TimeFormat format, TimeProvider time) =>
        (ref Utf8Writer writer, StreamInfo _) => format.Write(ref writer, time.GetUtcNow());

    private static WriteValue Span(Func<StreamInfo, long> from, Func<StreamInfo, long> to, long unitsPerSecond, long ticksPerSecond) =>
        (ref Utf8Writer writer, StreamInfo info) => CommonValues.WriteSpan(ref writer, from(info), to(info), unitsPerSecond, ticksPerSecond);

    // COMMON_DURATION(START:END:ms|us|ns)
    private static WriteValue Between(string? argument, long ticksPerSecond)
    {
        var parts = (argument ?? string.Empty).Split(':');
        if (parts.Length is < 2 or > 3) throw new FormatException("%COMMON_DURATION% takes START:END:UNIT");
        var units = (parts.Length == 3 ? parts[2] : "ms") switch
        {
            "ms" => 1_000L,
            "us" => 1_000_000L,
            "ns" => 1_000_000_000L,
            var unit => throw new FormatException($"%COMMON_DURATION%: '{unit}' is not ms, us or ns"),
        };
        return Span(Point(parts[0]), Point(parts[1]), units, ticksPerSecond);
    }

    private static Func<StreamInfo, long> Point(string name) =>
        Points.TryGetValue(name, out var read) ? read : throw new FormatException($"%COMMON_DURATION%: '{name}' is not a point in time this proxy takes");
}
