namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>A compiled access-log filter: whether a stream is logged. Immutable.</summary>
internal abstract class LogFilter
{
    /// <param name="info">The finished stream.</param>
    /// <param name="random">Uniform 64 bits, for sampling filters.</param>
    public abstract bool Passes(StreamInfo info, ulong random);
}
