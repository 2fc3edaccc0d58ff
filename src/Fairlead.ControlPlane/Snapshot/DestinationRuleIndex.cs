using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>Rules of one namespace for one host, merged: subsets together, the first traffic policy (Istio, <c>destination_rule.go</c>).</summary>
public sealed record MeshDestinationRule(SourceReference Source, string Host, Visibility ExportTo)
{
    public TrafficPolicy? Policy { get; init; }
    public ValueList<Subset> Subsets { get; init; } = [];

    /// <summary>Clients of the rule's namespace it is for; null for all.</summary>
    public ValueMap<string>? ClientSelector { get; init; }

    public static SourceReference SourceOf(DestinationRule source) => new("DestinationRule", source.Meta.Namespace, source.Meta.Name);

    public Subset? Subset(string name) => Subsets.FirstOrDefault(subset => subset.Name == name);
}

/// <summary>Which rule applies to a client and a host: the client's namespace, then the service's, then the root; there the most specific host.</summary>
public sealed class DestinationRuleIndex
{
    private readonly Dictionary<string, ValueList<MeshDestinationRule>> byNamespace;

    private DestinationRuleIndex(Dictionary<string, ValueList<MeshDestinationRule>> byNamespace, ValueList<TranslationFinding> findings)
    {
        this.byNamespace = byNamespace;
        Findings = findings;
        ClientLabelKeys = byNamespace.Values.SelectMany(rules => rules)
            .SelectMany(rule => rule.ClientSelector?.Keys ?? [])
            .ToHashSet(StringComparer.Ordinal);
    }

    public static DestinationRuleIndex Empty { get; } = new([], []);

    public ValueList<TranslationFinding> Findings { get; }

    /// <summary>Labels of a client that some rule asks about.</summary>
    public IReadOnlySet<string> ClientLabelKeys { get; }

    public static DestinationRuleIndex Build(ValueList<DestinationRule> rules, MeshSettings settings)
    {
        var findings = new List<TranslationFinding>();
        var byNamespace = rules
            .GroupBy(rule => rule.Meta.Namespace, StringComparer.Ordinal)
            .ToDictionary(
                group => group.Key,
                group => group
                    .OrderBy(rule => rule.Meta.Created)
                    .ThenBy(rule => rule.Meta.Name, StringComparer.Ordinal)
                    .Select(rule => Settle(rule, settings))
                    .GroupBy(rule => (rule.Host, rule.ExportTo, rule.ClientSelector))
                    .Select(same => Merge([.. same], findings))
                    .ToValueList(),
                StringComparer.Ordinal);
        return new DestinationRuleIndex(byNamespace, findings.ToValueList());
    }

    public MeshDestinationRule? For(MeshService service, string clientNamespace, IReadOnlyDictionary<string, string> clientLabels, string rootNamespace)
    {
        foreach (var ns in new[] { clientNamespace, service.Namespace, rootNamespace }.Distinct(StringComparer.Ordinal))
        {
            if (byNamespace.TryGetValue(ns, out var rules) && Best(rules, service.Host, clientNamespace, clientLabels, own: ns == clientNamespace) is { } best)
                return best;
        }

        return null;
    }

    private static MeshDestinationRule? Best(
        ValueList<MeshDestinationRule> rules, string host, string clientNamespace, IReadOnlyDictionary<string, string> clientLabels, bool own)
    {
        MeshDestinationRule? best = null;
        foreach (var rule in rules)
        {
            if (!new HostName(host).IsSubsetOf(rule.Host) || !(own || rule.ExportTo.Includes(clientNamespace)))
                continue;
            if (rule.ClientSelector is { } selector && !(own && LabelMatch.Includes(selector, clientLabels)))
                continue;
            var order = best is null ? -1 : new HostName(rule.Host).CompareTo(best.Host);
            // For one host, a rule for these very clients comes before one for everybody; otherwise the older one stays.
            if (order < 0 || (order == 0 && rule.ClientSelector is not null && best!.ClientSelector is null))
                best = rule;
        }

        return best;
    }

    private static MeshDestinationRule Settle(DestinationRule rule, MeshSettings settings) => new(
        MeshDestinationRule.SourceOf(rule),
        HostName.Resolve(rule.Host.Value, rule.Meta.Namespace, settings.DomainSuffix).Normalized.Value,
        Visibility.Read(rule.ExportTo, settings.DefaultDestinationRuleExportTo, rule.Meta.Namespace))
    {
        Policy = rule.TrafficPolicy,
        Subsets = rule.Subsets,
        ClientSelector = rule.WorkloadSelector,
    };

    private static MeshDestinationRule Merge(MeshDestinationRule[] same, List<TranslationFinding> findings)
    {
        var merged = same[0];
        foreach (var later in same.Skip(1))
        {
            foreach (var subset in later.Subsets.Where(subset => merged.Subset(subset.Name) is not null))
            {
                findings.Add(new(later.Source, "spec.subsets", FindingCodes.Shadowed,
                    $"subset {subset.Name} of {later.Host} is already defined by {merged.Source}; rename it or delete one of them"));
            }

            if (later.Policy is not null && merged.Policy is not null)
            {
                findings.Add(new(later.Source, "spec.trafficPolicy", FindingCodes.Shadowed,
                    $"{merged.Source} already sets the policy of {later.Host}; move the fields into one object"));
            }

            merged = merged with
            {
                Subsets = merged.Subsets.Concat(later.Subsets.Where(subset => merged.Subset(subset.Name) is null)).ToValueList(),
                Policy = merged.Policy ?? later.Policy,
            };
        }

        return merged;
    }
}
