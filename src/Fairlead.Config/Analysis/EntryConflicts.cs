using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>IST0177, FL0007: several objects declare one host; which one wins, and why.</summary>
internal static class EntryConflicts
{
    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var (host, claims) in model.Registry.Groups)
        {
            if (claims.Count < 2)
                continue;
            var ordered = claims
                .OrderBy(claim => claim.Service is null)
                .ThenBy(claim => claim.Created)
                .ThenBy(claim => claim.Namespace, StringComparer.Ordinal)
                .ThenBy(claim => claim.Source.Name, StringComparer.Ordinal)
                .ToArray();
            Protocols(sink, host, ordered);
            foreach (var space in ordered.GroupBy(claim => claim.Namespace))
                SameNamespace(sink, host, [.. space]);
            AcrossNamespaces(sink, host, ordered);
        }
    }

    private static void Protocols(FindingSink sink, string host, RegistryHost[] claims)
    {
        foreach (var claim in claims.Where(claim => claim.Entry is not null))
        {
            foreach (var port in claim.Ports)
            {
                var rival = claims.FirstOrDefault(other => other.Entry is not null && other.Source != claim.Source && Meet(other, claim)
                    && other.Port(port.Number) is { } theirs && theirs.Protocol != port.Protocol);
                if (rival is null)
                    continue;
                sink.Warn(claim.Source, AnalysisCodes.ConflictingEntryProtocol, $"spec.hosts[{claim.Index}]",
                    $"ServiceEntries {claim.Source} and {rival.Source} define host {host} port {port.Number} with different protocols: {port.Protocol.Name()} and {rival.Port(port.Number)!.Protocol.Name()}",
                    "use one protocol, or one entry");
            }
        }
    }

    private static void SameNamespace(FindingSink sink, string host, RegistryHost[] claims)
    {
        var winner = claims[0];
        foreach (var loser in claims.Skip(1).Where(claim => claim.Entry is not null && claim.Source != winner.Source))
        {
            if (winner.Service is not null)
                sink.Warn(loser.Source, AnalysisCodes.ShadowedEntry, $"spec.hosts[{loser.Index}]",
                    $"{winner.Source} has the host {host}; a Kubernetes Service always wins, and this entry adds nothing but subjectAltNames",
                    "remove the entry, or use another host");
            else if (!CanMerge(winner.Entry!, loser.Entry!))
                sink.Warn(loser.Source, AnalysisCodes.ShadowedEntry, $"spec.hosts[{loser.Index}]",
                    $"{winner.Source} has the host {host} and is {Why(winner, loser)}: this entry's ports are ignored, because resolution, labels, selector or exportTo differ",
                    "put all ports of a host into one entry");
            else if (loser.Ports.All(port => winner.Port(port.Number) is not null))
                sink.Warn(loser.Source, AnalysisCodes.ShadowedEntry, $"spec.hosts[{loser.Index}]",
                    $"{winner.Source} has the host {host} with the same ports and is {Why(winner, loser)}: this entry adds nothing but endpoints",
                    "remove one of the two");
        }
    }

    private static void AcrossNamespaces(FindingSink sink, string host, RegistryHost[] claims)
    {
        foreach (var loser in claims.Where(claim => claim.Entry is not null))
        {
            var winner = claims.FirstOrDefault(claim => claim.Namespace != loser.Namespace && claim.ExportTo.Contains("*"));
            if (winner is null || !loser.ExportTo.Contains("*") || Array.IndexOf(claims, winner) > Array.IndexOf(claims, loser))
                continue;
            sink.Info(loser.Source, AnalysisCodes.ShadowedEntry, $"spec.hosts[{loser.Index}]",
                $"clients of other namespaces than {loser.Namespace} see {winner.Source} for {host}, which is {Why(winner, loser)}; clients of {loser.Namespace} see this entry",
                "export it to its own namespace only (exportTo: [\".\"]), or keep one entry");
        }
    }

    private static bool CanMerge(ServiceEntry winner, ServiceEntry loser) =>
        winner.Resolution == loser.Resolution && winner.Meta.Labels.Equals(loser.Meta.Labels)
        && Equals(winner.WorkloadSelector, loser.WorkloadSelector) && winner.ExportTo.Equals(loser.ExportTo);

    private static bool Meet(RegistryHost left, RegistryHost right) =>
        left.Namespace == right.Namespace || left.ExportTo.Contains("*") || right.ExportTo.Contains("*") || left.ExportTo.Any(right.ExportTo.Contains);

    private static string Why(RegistryHost winner, RegistryHost loser) =>
        winner.Service is not null ? "a Kubernetes Service" : winner.Created < loser.Created ? "older" : "first by namespace and name, at the same age";
}
