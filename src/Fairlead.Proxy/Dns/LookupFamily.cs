namespace Fairlead.Proxy.Dns;

/// <summary>Cluster.DnsLookupFamily. Auto asks for IPv6 and falls back to IPv4; V4Preferred the other way round.</summary>
internal enum LookupFamily : byte
{
    Auto,
    V4Only,
    V6Only,
    V4Preferred,
    All,
}
