using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Snapshot;

/// <summary>The body of a reply that the proxy makes itself.</summary>
/// <param name="Format">Of the body.</param>
/// <param name="ContentType">Its content type: what the configuration says, else that of JSON or plain text.</param>
internal sealed record ReplyFormat(LogFormat Format, byte[] ContentType);
