using Envoy.Config.Accesslog.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.AccessLoggers.File.V3;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>Access log sinks on the wire.</summary>
internal static class AccessLogs
{
    public static IEnumerable<AccessLog> Of(ValueList<AccessLogSink> sinks) => sinks.Select(sink => Of(sink, filter: null));

    /// <summary>The listener's own log: only connections for which no filter chain was found (flag NR).</summary>
    public static IEnumerable<AccessLog> NoRoute(ValueList<AccessLogSink> sinks) => sinks.Select(sink => Of(sink, new AccessLogFilter
    {
        ResponseFlagFilter = new ResponseFlagFilter { Flags = { "NR" } },
    }));

    private static AccessLog Of(AccessLogSink sink, AccessLogFilter? filter)
    {
        var format = new SubstitutionFormatString();
        if (sink.JsonFormat.Length > 0)
            format.JsonFormat = JsonParser.Default.Parse<Struct>(sink.JsonFormat);
        else
            format.TextFormatSource = new DataSource { InlineString = sink.TextFormat };
        return new AccessLog
        {
            Name = "envoy.access_loggers.file",
            Filter = filter,
            TypedConfig = TypedConfig.Pack(new FileAccessLog { Path = sink.Path, LogFormat = format }),
        };
    }
}
