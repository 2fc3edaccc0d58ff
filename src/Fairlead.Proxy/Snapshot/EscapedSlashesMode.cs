namespace Fairlead.Proxy.Snapshot;

/// <summary>HttpConnectionManager.PathWithEscapedSlashesAction; the implementation's default is <see cref="KeepUnchanged"/>.</summary>
internal enum EscapedSlashesMode : byte
{
    KeepUnchanged,
    RejectRequest,
    UnescapeAndRedirect,
    UnescapeAndForward,
}
