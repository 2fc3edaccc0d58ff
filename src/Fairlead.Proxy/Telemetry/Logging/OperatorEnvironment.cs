namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>What operators know about the process.</summary>
/// <param name="Time">Its timestamp frequency turns timestamps into durations; its clock prints EMIT_TIME.</param>
/// <param name="ReadHostname">%HOSTNAME%; called when a format that has it is compiled.</param>
/// <param name="ReadVariable">%ENVIRONMENT(X)%; read once, when the format is compiled.</param>
internal sealed record OperatorEnvironment(TimeProvider Time, Func<string> ReadHostname, Func<string, string?> ReadVariable);
