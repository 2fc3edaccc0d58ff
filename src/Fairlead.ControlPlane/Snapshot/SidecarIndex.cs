using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>Which Sidecar a workload is under: one that selects it, then its namespace's, then the root namespace's.</summary>
public sealed class SidecarIndex
{
    private readonly ValueList<Sidecar> all;
    private readonly string rootNamespace;

    private SidecarIndex(ValueList<Sidecar> all, string rootNamespace, ValueList<TranslationFinding> findings)
    {
        this.all = all;
        this.rootNamespace = rootNamespace;
        Findings = findings;
    }

    public static SidecarIndex Empty { get; } = new([], "", []);

    public ValueList<TranslationFinding> Findings { get; }

    public static SidecarIndex Build(ValueList<Sidecar> sidecars, string rootNamespace)
    {
        var ordered = sidecars.OrderBy(sidecar => sidecar.Meta.Created).ThenBy(sidecar => sidecar.Meta.Name, StringComparer.Ordinal).ToValueList();
        var findings = ordered.Where(sidecar => sidecar.WorkloadSelector is null)
            .GroupBy(sidecar => sidecar.Meta.Namespace, StringComparer.Ordinal)
            .SelectMany(group => group.Skip(1).Select(later => new TranslationFinding(
                SourceOf(later), "spec.workloadSelector", FindingCodes.Shadowed,
                $"Sidecar {group.First().Meta.Name} is the namespace's: it is older and has no selector either; delete one")))
            .ToValueList();
        return new SidecarIndex(ordered, rootNamespace, findings);
    }

    public static SourceReference SourceOf(Sidecar sidecar) => new("Sidecar", sidecar.Meta.Namespace, sidecar.Meta.Name);

    public Sidecar? For(string ns, IReadOnlyDictionary<string, string> labels) =>
        all.FirstOrDefault(sidecar => sidecar.Meta.Namespace == ns && sidecar.WorkloadSelector is { } selector && LabelMatch.Includes(selector, labels))
        ?? all.FirstOrDefault(sidecar => sidecar.Meta.Namespace == ns && sidecar.WorkloadSelector is null)
        ?? all.FirstOrDefault(sidecar => sidecar.Meta.Namespace == rootNamespace && sidecar.WorkloadSelector is null);
}
