namespace Fairlead.Proxy.Snapshot;

/// <summary>How HTTP/1 header names are written: as stored (lower case), Proper-Case, or as the peer wrote them.</summary>
internal enum HeaderCaseMode : byte
{
    Lower,
    Proper,
    Preserve,
}
