namespace Fairlead.Proxy.Snapshot;

/// <summary>HttpProtocolOptions.HeadersWithUnderscoresAction.</summary>
internal enum UnderscoreMode : byte
{
    Allow,
    RejectRequest,
    DropHeader,
}
