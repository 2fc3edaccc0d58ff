using System.Net;

namespace Fairlead.Proxy.Dns;

/// <summary>What a response says about one question.</summary>
/// <param name="Code">RCODE.</param>
/// <param name="IsTruncated">TC: ask again over TCP.</param>
/// <param name="Addresses">Of the asked type, through CNAMEs, in the server's order.</param>
/// <param name="TimeToLive">Smallest on the way to the addresses; for a negative answer from the SOA (RFC 2308).</param>
internal sealed record DnsResponse(DnsResponseCode Code, bool IsTruncated, IReadOnlyList<IPAddress> Addresses, TimeSpan TimeToLive);
