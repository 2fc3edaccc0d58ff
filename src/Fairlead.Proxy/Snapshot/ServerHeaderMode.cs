namespace Fairlead.Proxy.Snapshot;

/// <summary>HttpConnectionManager.ServerHeaderTransformation.</summary>
internal enum ServerHeaderMode : byte
{
    Overwrite,
    AppendIfAbsent,
    PassThrough,
}
