using System.Net;

namespace Fairlead.Proxy.Dns;

/// <summary>resolv.conf(5) as far as it matters: servers, search list, ndots, timeout, attempts.</summary>
internal sealed record ResolverSettings
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Servers that are used; resolv.conf(5) says three.</summary>
    private const int MaxServers = 3;

    private const int MaxSearchDomains = 32;

    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [new IPEndPoint(IPAddress.Loopback, 53)];

    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>A name with fewer dots is tried with the search list first.</summary>
    public int Ndots { get; init; } = 1;

    /// <summary>Of one try at one server.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>Rounds over all servers.</summary>
    public int Attempts { get; init; } = 2;

    public static ResolverSettings Parse(string text)
    {
        var servers = new List<IPEndPoint>();
        IReadOnlyList<string> search = [];
        var settings = new ResolverSettings();
        foreach (var raw in text.Split('\n'))
        {
            var words = raw.Split('#', ';')[0].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            switch (words[0])
            {
                case "nameserver" when servers.Count < MaxServers && IPAddress.TryParse(words[1], out var address):
                    servers.Add(new IPEndPoint(address, 53));
                    break;
                case "search" or "domain":
                    search = [.. words.Skip(1).Take(MaxSearchDomains).Select(domain => domain.Trim('.'))];
                    break;
                case "options":
                    foreach (var option in words.Skip(1)) settings = settings.With(option);
                    break;
            }
        }
        return settings with { Servers = servers.Count > 0 ? servers : settings.Servers, Search = search };
    }

    /// <summary>The names to ask for, in order, each fully qualified.</summary>
    public IEnumerable<string> Candidates(string name)
    {
        if (name.EndsWith('.'))
        {
            yield return name.TrimEnd('.');
            yield break;
        }
        var isQualified = name.AsSpan().Count('.') >= Ndots;
        if (isQualified) yield return name;
        foreach (var domain in Search) yield return $"{name}.{domain}";
        if (!isQualified) yield return name;
    }

    private ResolverSettings With(string option)
    {
        var parts = option.Split(':');
        if (parts.Length != 2 || !int.TryParse(parts[1], out var value)) return this;
        return parts[0] switch
        {
            "ndots" => this with { Ndots = Math.Clamp(value, 0, 15) },
            "timeout" => this with { Timeout = TimeSpan.FromSeconds(Math.Clamp(value, 1, 30)) },
            "attempts" => this with { Attempts = Math.Clamp(value, 1, 5) },
            _ => this,
        };
    }
}
