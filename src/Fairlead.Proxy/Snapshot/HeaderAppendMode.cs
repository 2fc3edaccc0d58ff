namespace Fairlead.Proxy.Snapshot;

/// <summary>HeaderValueOption.HeaderAppendAction.</summary>
internal enum HeaderAppendMode : byte
{
    AppendIfExistsOrAdd,
    AddIfAbsent,
    OverwriteIfExistsOrAdd,
    OverwriteIfExists,
}
