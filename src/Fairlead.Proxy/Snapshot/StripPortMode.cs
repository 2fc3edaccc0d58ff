namespace Fairlead.Proxy.Snapshot;

/// <summary>What is cut off the Host header: nothing, the listener's own port, any port.</summary>
internal enum StripPortMode : byte
{
    None,
    Matching,
    Any,
}
