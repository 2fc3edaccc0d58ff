using System.Net;

namespace Fairlead.Proxy.Dns;

/// <summary>The outcome of a resolution.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Addresses">Empty unless resolved; then in the order to use.</param>
/// <param name="TimeToLive">How long the outcome may be kept.</param>
/// <param name="Failure">For people; empty when resolved.</param>
internal sealed record DnsAnswer(DnsAnswer.Outcome Status, IReadOnlyList<IPAddress> Addresses, TimeSpan TimeToLive, string Failure)
{
    internal enum Outcome
    {
        /// <summary>The name exists; the list may be empty (no record of the asked family).</summary>
        Resolved,

        /// <summary>A server says that the name does not exist (NXDOMAIN).</summary>
        NotFound,

        /// <summary>No usable answer from any server.</summary>
        Failed,
    }
}
