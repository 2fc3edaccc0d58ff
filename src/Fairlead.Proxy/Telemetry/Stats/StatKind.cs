namespace Fairlead.Proxy.Telemetry.Stats;

internal enum StatKind : byte
{
    Counter,
    Gauge,
    Histogram,
}
