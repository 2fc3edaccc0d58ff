namespace Fairlead.Capture;

/// <summary>Settings as far as they could be read, and every fault found: where, what is wrong, what to write instead.</summary>
public sealed record CaptureReading(CaptureOptions Options, IReadOnlyList<string> Faults);
