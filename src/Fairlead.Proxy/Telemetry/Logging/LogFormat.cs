namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>A compiled format: writes one stream as UTF-8. Immutable, used by every worker at once, allocates nothing.</summary>
internal abstract class LogFormat
{
    /// <summary>
    /// Writes the record. False when <paramref name="destination"/> is too small; nothing useful is in it then and the
    /// caller tries again with more room.
    /// </summary>
    public abstract bool TryFormat(StreamInfo info, Span<byte> destination, out int written);
}
