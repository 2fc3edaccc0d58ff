namespace Fairlead.Proxy.Snapshot;

/// <summary>How a codec spells header names (Http1ProtocolOptions.header_key_format). Default: lower case, as they are stored.</summary>
/// <param name="IsPreserved">What it reads is written as the peer spelled it, on the other side.</param>
/// <param name="IsProper">Proper-Case: of every name it writes, or, with <paramref name="IsPreserved"/>, of those that the peer did not send.</param>
/// <param name="ForwardsReason">The reason phrase it reads is kept, too.</param>
internal readonly record struct HeaderCase(bool IsPreserved, bool IsProper, bool ForwardsReason);
