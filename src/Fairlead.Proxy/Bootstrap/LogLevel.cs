namespace Fairlead.Proxy.Bootstrap;

/// <summary>Envoy's levels.</summary>
internal enum LogLevel
{
    Trace,
    Debug,
    Info,
    Warning,
    Error,
    Critical,
    Off,
}
