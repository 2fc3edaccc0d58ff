using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Where the value of an operator comes from.</summary>
/// <param name="Kind">Which of the common ones it is.</param>
/// <param name="Write">For <see cref="ValueKind.Other"/>.</param>
/// <param name="Name">Of a header, lower case.</param>
/// <param name="Alternative">The header that is taken when the first is absent.</param>
/// <param name="Time">For <see cref="ValueKind.StartTime"/>.</param>
/// <param name="TicksPerSecond">For <see cref="ValueKind.Duration"/>: the frequency of its timestamps.</param>
/// <param name="Structure">The value with its type, for JSON; null = it is a text or a number.</param>
internal readonly record struct ValueSource(
    ValueKind Kind, WriteValue? Write = null, byte[]? Name = null, byte[]? Alternative = null, TimeFormat? Time = null, long TicksPerSecond = 0,
    Func<StreamInfo, Value?>? Structure = null);
