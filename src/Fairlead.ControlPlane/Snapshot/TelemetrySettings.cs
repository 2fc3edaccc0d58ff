using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// One place that access lines go to, after providers, modes and inheritance were resolved.
/// <c>Path</c>: A file of the proxy's, <c>/dev/stdout</c> for the container's log.
/// <c>TextFormat</c>: Envoy's command operators; empty when <c>JsonFormat</c> is used.
/// <c>JsonFormat</c>: Key to operator string, as JSON text in the order written; empty for text.
/// </summary>
public sealed record AccessLogSink(string Path, string TextFormat, string JsonFormat);

/// <summary>
/// Tracing as the connection manager takes it.
/// <c>SamplingPercent</c>: 0 to 100, of requests that carry no decision.
/// </summary>
public sealed record TracingSettings(double SamplingPercent, bool UseRequestId = true);

/// <summary>What one direction of a proxy reports.</summary>
public sealed record DirectionTelemetry(ValueList<AccessLogSink> AccessLogs, TracingSettings? Tracing, bool Metrics)
{
    public static DirectionTelemetry Quiet { get; } = new([], null, Metrics: true);
}

/// <summary>What a proxy reports: outbound listeners are CLIENT, inbound ones SERVER (Istio, Telemetry).</summary>
public sealed record TelemetrySettings(DirectionTelemetry Outbound, DirectionTelemetry Inbound)
{
    public static TelemetrySettings Quiet { get; } = new(DirectionTelemetry.Quiet, DirectionTelemetry.Quiet);
}
