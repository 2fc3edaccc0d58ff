using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Snapshot;

/// <summary>The access-log filters (envoy.config.accesslog.v3.AccessLogFilter).</summary>
internal static class LogFilters
{
    public static readonly LogFilter Always = new And([]);

    /// <summary>ComparisonFilter.Op.</summary>
    internal enum Operator : byte
    {
        Equal,
        AtLeast,
        AtMost,
        NotEqual,
    }

    private static bool Holds(Operator op, long left, long right) => op switch
    {
        Operator.Equal => left == right,
        Operator.AtLeast => left >= right,
        Operator.AtMost => left <= right,
        _ => left != right,
    };

    internal sealed class Status(Operator op, long value) : LogFilter
    {
        public override bool Passes(StreamInfo info, ulong random) => Holds(op, info.ResponseCode, value);
    }

    /// <param name="op">Comparison.</param>
    /// <param name="milliseconds">Right-hand side.</param>
    internal sealed class Duration(Operator op, long milliseconds) : LogFilter
    {
        public override bool Passes(StreamInfo info, ulong random) =>
            Holds(op, (long)TimeProvider.System.GetElapsedTime(info.StartTimestamp, info.EndTimestamp).TotalMilliseconds, milliseconds);
    }

    internal sealed class And(IReadOnlyList<LogFilter> parts) : LogFilter
    {
        public override bool Passes(StreamInfo info, ulong random)
        {
            foreach (var part in parts)
            {
                if (!part.Passes(info, random)) return false;
            }
            return true;
        }
    }

    internal sealed class Or(IReadOnlyList<LogFilter> parts) : LogFilter
    {
        public override bool Passes(StreamInfo info, ulong random)
        {
            foreach (var part in parts)
            {
                if (part.Passes(info, random)) return true;
            }
            return false;
        }
    }

    internal sealed class Header(HeaderMatcher matcher) : LogFilter
    {
        public override bool Passes(StreamInfo info, ulong random) => info.RequestHeaders is { } headers && matcher.Matches(headers);
    }

    /// <param name="flags">Any of these passes; none given = any flag at all.</param>
    internal sealed class Flags(IReadOnlyList<ResponseFlag> flags) : LogFilter
    {
        public override bool Passes(StreamInfo info, ulong random)
        {
            if (flags.Count == 0) return !info.Flags.IsEmpty;
            foreach (var flag in flags)
            {
                if (info.Flags.Has(flag)) return true;
            }
            return false;
        }
    }

    /// <param name="perMillion">Share that passes.</param>
    internal sealed class Sample(int perMillion) : LogFilter
    {
        public override bool Passes(StreamInfo info, ulong random) => random % 1_000_000 < (ulong)perMillion;
    }
}
