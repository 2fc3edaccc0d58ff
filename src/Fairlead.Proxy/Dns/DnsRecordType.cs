namespace Fairlead.Proxy.Dns;

/// <summary>Record types this resolver reads.</summary>
internal enum DnsRecordType : ushort
{
    A = 1,
    Cname = 5,
    Soa = 6,
    Aaaa = 28,
}
