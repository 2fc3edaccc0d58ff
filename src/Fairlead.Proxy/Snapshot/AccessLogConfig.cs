using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Snapshot;

/// <summary>One access log: lines that pass the filter are formatted and go to the file.</summary>
/// <param name="Path">"/dev/stdout" is descriptor 1, "/dev/stderr" descriptor 2.</param>
/// <param name="Format">Text or JSON; writes its own line end.</param>
/// <param name="Filter">Null = every stream.</param>
internal sealed record AccessLogConfig(string Path, LogFormat Format, LogFilter? Filter);
