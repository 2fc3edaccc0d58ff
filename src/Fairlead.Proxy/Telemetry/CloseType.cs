namespace Fairlead.Proxy.Telemetry;

/// <summary>How a connection ended, as far as it was seen before the stream's line was written (Envoy's DetectedCloseType).</summary>
internal enum CloseType : byte
{
    /// <summary>With the end of its stream, or not yet.</summary>
    Normal,

    /// <summary>We reset it.</summary>
    LocalReset,

    /// <summary>The peer reset it.</summary>
    RemoteReset,
}
