namespace Fairlead.Proxy.Snapshot;

/// <param name="Type">Lower case, UTF-8: "websocket", "connect".</param>
/// <param name="Enabled">False forbids what the connection manager enables.</param>
internal sealed record UpgradeSetting(byte[] Type, bool Enabled);
