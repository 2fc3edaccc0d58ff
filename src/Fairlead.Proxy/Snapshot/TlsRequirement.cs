namespace Fairlead.Proxy.Snapshot;

/// <summary>VirtualHost.TlsRequirementType.</summary>
internal enum TlsRequirement : byte
{
    None,
    ExternalOnly,
    All,
}
