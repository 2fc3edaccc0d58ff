using Envoy.Config.Accesslog.V3;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>AccessLogFilter to <see cref="LogFilter"/>.</summary>
internal static class LogFilterCompiler
{
    public static LogFilter Compile(AccessLogFilter? filter, string path)
    {
        switch (filter?.FilterSpecifierCase)
        {
            case AccessLogFilter.FilterSpecifierOneofCase.StatusCodeFilter:
                return new LogFilters.Status(Comparison(filter.StatusCodeFilter.Comparison), Value(filter.StatusCodeFilter.Comparison));
            case AccessLogFilter.FilterSpecifierOneofCase.DurationFilter:
                return new LogFilters.Duration(Comparison(filter.DurationFilter.Comparison), Value(filter.DurationFilter.Comparison));
            case AccessLogFilter.FilterSpecifierOneofCase.NotHealthCheckFilter:
                return LogFilters.Always; // no request of this proxy is a health check: the health check filter does not exist here
            case AccessLogFilter.FilterSpecifierOneofCase.AndFilter:
                return new LogFilters.And([.. filter.AndFilter.Filters.Select((part, i) => Compile(part, $"{path}.and_filter[{i}]"))]);
            case AccessLogFilter.FilterSpecifierOneofCase.OrFilter:
                return new LogFilters.Or([.. filter.OrFilter.Filters.Select((part, i) => Compile(part, $"{path}.or_filter[{i}]"))]);
            case AccessLogFilter.FilterSpecifierOneofCase.HeaderFilter:
                return new LogFilters.Header(MatcherCompiler.Header(filter.HeaderFilter.Header, path + ".header_filter.header"));
            case AccessLogFilter.FilterSpecifierOneofCase.ResponseFlagFilter:
                return new LogFilters.Flags([.. filter.ResponseFlagFilter.Flags.Select(flag => Flag(flag, path))]);
            case AccessLogFilter.FilterSpecifierOneofCase.RuntimeFilter:
                return new LogFilters.Sample(ProtoValues.PerMillion(filter.RuntimeFilter.PercentSampled));
            default:
                throw new ConfigException(path, $"filter {filter?.FilterSpecifierCase} is not supported");
        }
    }

    private static LogFilters.Operator Comparison(ComparisonFilter? comparison) =>
        (LogFilters.Operator)(comparison?.Op ?? ComparisonFilter.Types.Op.Eq);

    private static long Value(ComparisonFilter? comparison) => comparison?.Value?.DefaultValue ?? 0;

    private static ResponseFlag Flag(string name, string path) =>
        ResponseFlagNames.Parse(name) ?? throw new ConfigException(path + ".response_flag_filter", $"'{name}' is not a response flag");
}
