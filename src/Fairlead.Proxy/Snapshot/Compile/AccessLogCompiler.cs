using Envoy.Config.Accesslog.V3;
using Envoy.Extensions.AccessLoggers.File.V3;
using Envoy.Extensions.AccessLoggers.Stream.V3;
using Fairlead.Proxy.Telemetry.Logging;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>Access logs to files, standard output and standard error.</summary>
internal sealed class AccessLogCompiler(CompileContext context)
{
    /// <summary>Access logs of one filter.</summary>
    public const int MaxLogs = 32;

    public List<AccessLogConfig> Compile(IReadOnlyList<AccessLog> logs, string path)
    {
        if (logs.Count > MaxLogs) throw new ConfigException(path, $"more than {MaxLogs} access logs");
        var result = new List<AccessLogConfig>(logs.Count);
        for (var i = 0; i < logs.Count; i++) result.Add(One(logs[i], $"{path}[{i}]"));
        return result;
    }

    private AccessLogConfig One(AccessLog log, string path)
    {
        var filter = log.Filter is null ? null : LogFilterCompiler.Compile(log.Filter, path + ".filter");
        var config = TypedConfig.Open(log.TypedConfig, path);
        switch (config.TypeName)
        {
            case "envoy.extensions.access_loggers.file.v3.FileAccessLog":
                var file = config.Read(FileAccessLog.Parser);
                if (file.Path.Length == 0) throw new ConfigException(path + ".path", "is empty");
                return new AccessLogConfig(file.Path, FileFormat(file, path), filter);
            case "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog":
                return new AccessLogConfig("/dev/stdout", Format(config.Read(StdoutAccessLog.Parser).LogFormat, path), filter);
            case "envoy.extensions.access_loggers.stream.v3.StderrAccessLog":
                return new AccessLogConfig("/dev/stderr", Format(config.Read(StderrAccessLog.Parser).LogFormat, path), filter);
            default:
                throw new ConfigException(path, $"access log {config.TypeName} is not supported");
        }
    }

    private LogFormat FileFormat(FileAccessLog file, string path) => file.AccessLogFormatCase switch
    {
        FileAccessLog.AccessLogFormatOneofCase.Format => context.Formats.Text(file.Format, false, path + ".format"),
        FileAccessLog.AccessLogFormatOneofCase.JsonFormat => context.Formats.Json(file.JsonFormat, false, path + ".json_format"),
        FileAccessLog.AccessLogFormatOneofCase.TypedJsonFormat => context.Formats.Json(file.TypedJsonFormat, false, path + ".typed_json_format"),
        _ => Format(file.LogFormat, path),
    };

    private LogFormat Format(Envoy.Config.Core.V3.SubstitutionFormatString? format, string path) =>
        format is null ? context.Formats.Default : context.Formats.Substitution(format, context, path + ".log_format");
}
