namespace Fairlead.Proxy.Http1;

/// <summary>What a parser says after it was given bytes.</summary>
internal enum ParseStatus : byte
{
    NeedMore,
    Complete,
    Failed,
}
