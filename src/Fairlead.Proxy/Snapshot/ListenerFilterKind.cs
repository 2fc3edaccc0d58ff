namespace Fairlead.Proxy.Snapshot;

/// <summary>The listener filters this proxy has; a listener that names another is refused.</summary>
internal enum ListenerFilterKind : byte
{
    OriginalDst,
    TlsInspector,
    HttpInspector,
}
