using System.Net;
using System.Security.Cryptography;

namespace Fairlead.Proxy.Dns;

/// <summary>
/// Resolves names as the C library would: the hosts file, then the servers of resolv.conf with its search list. Answers are not
/// cached here: each cluster asks at its own pace (TTL or refresh rate).
/// </summary>
internal sealed class DnsResolver(TimeProvider time, Func<ResolverSettings> readSettings, Func<string> readHosts)
{
    /// <summary>How long a hosts-file entry counts as fresh.</summary>
    private static readonly TimeSpan HostsTtl = TimeSpan.FromSeconds(60);

    private readonly DnsTransport _transport = new(time);
    private long _queries, _timeouts;

    /// <summary>Questions put to servers.</summary>
    public long Queries => Interlocked.Read(ref _queries);

    /// <summary>Questions that a server did not answer in time.</summary>
    public long Timeouts => Interlocked.Read(ref _timeouts);

    public async Task<DnsAnswer> ResolveAsync(string name, LookupFamily family, CancellationToken cancellation)
    {
        if (IPAddress.TryParse(name, out var literal)) return new DnsAnswer(DnsAnswer.Outcome.Resolved, [literal], TimeSpan.MaxValue, string.Empty);
        if (HostsFile.Find(readHosts(), name, family) is { Count: > 0 } known) return new DnsAnswer(DnsAnswer.Outcome.Resolved, known, HostsTtl, string.Empty);
        var settings = readSettings();
        DnsAnswer? last = null;
        DnsAnswer? failed = null;
        foreach (var candidate in settings.Candidates(name))
        {
            last = await ResolveCandidateAsync(candidate, family, settings, cancellation).ConfigureAwait(false);
            if (last is { Status: DnsAnswer.Outcome.Resolved, Addresses.Count: > 0 }) return last;
            if (last.Status == DnsAnswer.Outcome.Failed) failed ??= last;
        }
        // A search domain whose server failed hides whether the name exists.
        return failed ?? last ?? new DnsAnswer(DnsAnswer.Outcome.Failed, [], TimeSpan.Zero, $"'{name}' is not a domain name");
    }

    private async Task<DnsAnswer> ResolveCandidateAsync(string name, LookupFamily family, ResolverSettings settings, CancellationToken cancellation)
    {
        switch (family)
        {
            case LookupFamily.V4Only:
                return await AskAsync(name, DnsRecordType.A, settings, cancellation).ConfigureAwait(false);
            case LookupFamily.V6Only:
                return await AskAsync(name, DnsRecordType.Aaaa, settings, cancellation).ConfigureAwait(false);
            case LookupFamily.All:
                var both = await Task.WhenAll(
                    AskAsync(name, DnsRecordType.A, settings, cancellation),
                    AskAsync(name, DnsRecordType.Aaaa, settings, cancellation)).ConfigureAwait(false);
                return Merge(both[0], both[1]);
            default:
                var (first, second) = family == LookupFamily.Auto ? (DnsRecordType.Aaaa, DnsRecordType.A) : (DnsRecordType.A, DnsRecordType.Aaaa);
                var preferred = await AskAsync(name, first, settings, cancellation).ConfigureAwait(false);
                return preferred is { Status: DnsAnswer.Outcome.Resolved, Addresses.Count: > 0 }
                    ? preferred
                    : await AskAsync(name, second, settings, cancellation).ConfigureAwait(false);
        }
    }

    private static DnsAnswer Merge(DnsAnswer first, DnsAnswer second)
    {
        if (first.Addresses.Count == 0 && second.Addresses.Count == 0) return first.Status == DnsAnswer.Outcome.Failed ? first : second;
        var ttl = first.Addresses.Count == 0 ? second.TimeToLive
            : second.Addresses.Count == 0 || first.TimeToLive < second.TimeToLive ? first.TimeToLive : second.TimeToLive;
        return new DnsAnswer(DnsAnswer.Outcome.Resolved, [.. first.Addresses, .. second.Addresses], ttl, string.Empty);
    }

    private async Task<DnsAnswer> AskAsync(string name, DnsRecordType type, ResolverSettings settings, CancellationToken cancellation)
    {
        var failure = $"no server answered for {name}";
        for (var attempt = 0; attempt < settings.Attempts; attempt++)
        {
            foreach (var server in settings.Servers)
            {
                var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
                Interlocked.Increment(ref _queries);
                var response = await _transport.AskAsync(server, id, name, type, settings.Timeout, cancellation).ConfigureAwait(false);
                switch (response?.Code)
                {
                    case null:
                        Interlocked.Increment(ref _timeouts);
                        failure = $"{server} did not answer for {name}";
                        continue;
                    case DnsResponseCode.NoError:
                        return new DnsAnswer(DnsAnswer.Outcome.Resolved, response.Addresses, response.TimeToLive, string.Empty);
                    case DnsResponseCode.NameError:
                        return new DnsAnswer(DnsAnswer.Outcome.NotFound, [], response.TimeToLive, $"{name} does not exist");
                    default:
                        failure = $"{server} answered {response.Code} for {name}";
                        continue;
                }
            }
        }
        return new DnsAnswer(DnsAnswer.Outcome.Failed, [], TimeSpan.Zero, failure);
    }
}
