using Fairlead.Config.Analysis;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.Xds.Reports;

namespace Fairlead.ControlPlane.Serve;

/// <summary>A destination that no service of the mesh claims, as a workload's sidecars saw it.</summary>
/// <param name="Workload">Namespace and workload (<c>default/sleep</c>).</param>
/// <param name="Host">Host header or SNI; empty when neither was seen.</param>
/// <param name="Address">IP address and port that was dialled last.</param>
/// <param name="Protocol">http, tls or tcp.</param>
/// <param name="Blocked">Refused (REGISTRY_ONLY), not passed on.</param>
/// <param name="Count">Requests (http) or connections.</param>
public sealed record UnknownDestinationSeen(
    string Workload, string Host, string Address, string Protocol, bool Blocked, long Count, DateTimeOffset FirstSeen, DateTimeOffset LastSeen);

/// <summary>What the sidecars report of destinations that nobody declared: kept per proxy, shown per workload. Safe from any thread.</summary>
public sealed class UnknownDestinations(TimeProvider time)
{
    /// <summary>Destinations kept per proxy; the least recently seen leaves. A workload that calls more is listed by its newest.</summary>
    public const int DestinationsPerProxy = 200;

    /// <summary>Proxies kept, connected or not; the one that reported longest ago leaves. 100 bytes a destination make 100 MB at the most, 1 MB with ten each.</summary>
    public const int ProxyLimit = 5000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, Proxy> proxies = new(StringComparer.Ordinal);

    /// <summary>A workload called a destination for the first time.</summary>
    public event Action? Changed;

    /// <summary>A proxy begins to report: it tells everything anew.</summary>
    public void Begin(ProxyIdentity identity)
    {
        lock (gate)
        {
            if (!proxies.ContainsKey(identity.Id) && proxies.Count == ProxyLimit)
                proxies.Remove(proxies.MinBy(proxy => proxy.Value.LastReport).Key);
            proxies[identity.Id] = new Proxy(WorkloadOf(identity)) { LastReport = time.GetUtcNow() };
        }
    }

    /// <summary>Adds what was seen since the proxy's last report.</summary>
    public void Add(ProxyIdentity identity, IEnumerable<UnknownDestination> destinations)
    {
        var now = time.GetUtcNow();
        var isNew = false;
        lock (gate)
        {
            if (!proxies.TryGetValue(identity.Id, out var proxy))
                return;
            proxy.LastReport = now;
            foreach (var seen in destinations)
                isNew |= proxy.Add(seen, now);
        }
        if (isNew)
            Changed?.Invoke();
    }

    /// <summary>Everything known, a row for each workload, host (or address where no host was seen), protocol and outcome; most recent first.</summary>
    public IReadOnlyList<UnknownDestinationSeen> All()
    {
        lock (gate)
        {
            return
            [
                .. proxies.Values.SelectMany(proxy => proxy.Destinations)
                    .GroupBy(seen => (seen.Workload, Name: seen.Host.Length > 0 ? seen.Host : seen.Address, seen.Protocol, seen.Blocked))
                    .Select(group => group.MaxBy(seen => seen.LastSeen)! with { Count = group.Sum(seen => seen.Count), FirstSeen = group.Min(seen => seen.FirstSeen) })
                    .OrderByDescending(seen => seen.LastSeen).ThenBy(seen => seen.Workload, StringComparer.Ordinal).ThenBy(seen => seen.Host, StringComparer.Ordinal),
            ];
        }
    }

    /// <summary>The hosts among them, for analysis.</summary>
    public IReadOnlyList<ObservedDestination> Observed() =>
    [
        .. All().Where(seen => seen.Host.Length > 0).GroupBy(seen => (seen.Host, seen.Workload))
            .Select(group => new ObservedDestination(group.Key.Host, group.Key.Workload, group.Sum(seen => seen.Count)))
            .OrderBy(seen => seen.Host, StringComparer.Ordinal).ThenBy(seen => seen.Workload, StringComparer.Ordinal),
    ];

    /// <summary>The same without counts (0), for what is written only when something changes.</summary>
    public IReadOnlyList<ObservedDestination> Hosts() => [.. Observed().Select(seen => seen with { Count = 0 })];

    private static string WorkloadOf(ProxyIdentity identity) =>
        $"{identity.Namespace}/{(identity.Metadata.TryGetValue("WORKLOAD_NAME", out var workload) && workload.Length > 0 ? workload : identity.Pod)}";

    private sealed class Proxy(string workload)
    {
        private readonly Dictionary<(string Host, string Address, string Protocol, bool Blocked), UnknownDestinationSeen> seen = [];

        public DateTimeOffset LastReport { get; set; }

        public IEnumerable<UnknownDestinationSeen> Destinations => seen.Values;

        /// <summary>True = it was not known.</summary>
        public bool Add(UnknownDestination report, DateTimeOffset now)
        {
            var address = report.Port == 0 ? report.Address : $"{report.Address}:{report.Port}";
            // A host is one destination, whichever of its addresses was dialled.
            var key = (report.Host, report.Host.Length > 0 ? "" : address, report.Protocol, report.Blocked);
            var count = (long)Math.Min(report.Count, long.MaxValue / 2);
            if (seen.TryGetValue(key, out var known))
            {
                seen[key] = known with { Count = known.Count + count, Address = address, LastSeen = now };
                return false;
            }
            if (seen.Count == DestinationsPerProxy)
                seen.Remove(seen.MinBy(entry => entry.Value.LastSeen).Key);
            seen[key] = new UnknownDestinationSeen(workload, report.Host, address, report.Protocol, report.Blocked, count, now, now);
            return true;
        }
    }
}
