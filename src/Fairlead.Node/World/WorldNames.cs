using System.Net;
using Fairlead.Node.Dns;

namespace Fairlead.Node.World;

/// <summary>The world's authoritative name server: its hosts, with their addresses in turn; nothing else exists.</summary>
internal sealed class WorldNames
{
    private readonly Dictionary<string, IPAddress[]> hosts = new(StringComparer.Ordinal);
    private int turn;

    public WorldNames(WorldDescription world)
    {
        foreach (var host in world.Hosts)
        {
            foreach (var name in host.Names)
                hosts[name.ToLowerInvariant()] = [.. host.Addresses.Select(IPAddress.Parse)];
        }
    }

    public Task<byte[]> AnswerAsync(DnsQuestion question, CancellationToken cancel)
    {
        var addresses = Find(question.Name);
        var code = addresses is null ? DnsCode.NoSuchName : DnsCode.Success;
        var first = (int)((uint)Interlocked.Increment(ref turn) % (uint)Math.Max(addresses?.Length ?? 1, 1));
        var records = question.Type == DnsQuestion.TypeA && addresses is not null
            ? Enumerable.Range(0, addresses.Length).Select(i => DnsRecord.Address(question.Name, addresses[(first + i) % addresses.Length])).ToList()
            : [];
        return Task.FromResult(DnsAnswer.Write(question, code, records, isAuthoritative: true, Zone(question.Name)));
    }

    /// <summary>A name of its own, or the nearest <c>*.</c> above it.</summary>
    private IPAddress[]? Find(string name)
    {
        if (hosts.TryGetValue(name, out var own))
            return own;
        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if (hosts.TryGetValue("*" + name[dot..], out var wild))
                return wild;
        }
        return null;
    }

    private static string Zone(string name) => name[(name.LastIndexOf('.') + 1)..];
}
