using Google.Protobuf.WellKnownTypes;

namespace Fairlead.ControlPlane.Translate;

/// <summary>Durations on the wire.</summary>
internal static class Durations
{
    /// <summary>A fresh message: protobuf messages are mutable and must not be shared between parents.</summary>
    public static Duration Zero => new();

    public static Duration Of(TimeSpan span) => Duration.FromTimeSpan(span);

    public static Duration Seconds(int seconds) => new() { Seconds = seconds };
}
