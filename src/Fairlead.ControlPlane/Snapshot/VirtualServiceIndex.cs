using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>The VirtualServices of the sidecars (gateway <c>mesh</c>), oldest first.</summary>
public sealed class VirtualServiceIndex
{
    private readonly bool allPublic;

    private VirtualServiceIndex(ValueList<MeshVirtualService> all, ValueList<TranslationFinding> findings)
    {
        All = all;
        Findings = findings;
        allPublic = all.All(service => service.ExportTo.IsPublic);
        SourceLabelKeys = all
            .SelectMany(service => service.Http.SelectMany(rule => rule.Match).Select(match => match.SourceLabels)
                .Concat(service.Tls.SelectMany(rule => rule.Match).Select(match => match.SourceLabels))
                .Concat(service.Tcp.SelectMany(rule => rule.Match).Select(match => match.SourceLabels)))
            .SelectMany(labels => labels.Keys)
            .ToHashSet(StringComparer.Ordinal);
    }

    public static VirtualServiceIndex Empty { get; } = new([], []);

    public ValueList<MeshVirtualService> All { get; }

    public ValueList<TranslationFinding> Findings { get; }

    /// <summary>Labels of a client that some rule asks about: all others cannot change its routes.</summary>
    public IReadOnlySet<string> SourceLabelKeys { get; }

    public static VirtualServiceIndex Build(ValueList<VirtualService> services, MeshSettings settings)
    {
        var findings = new List<TranslationFinding>();
        var delegates = services.Where(service => service.IsDelegate)
            .ToDictionary(service => (service.Meta.Namespace, service.Meta.Name));
        var settled = services
            .Where(service => service is { IsDelegate: false, AppliesToMesh: true })
            .OrderBy(service => service.Meta.Created)
            .ThenBy(service => $"{service.Meta.Name}.{service.Meta.Namespace}", StringComparer.Ordinal)
            .Select(service => MeshVirtualService.Settle(service, HttpOf(service, delegates, settings, findings), settings))
            .ToValueList();
        findings.AddRange(Shadowed(settled));
        return new VirtualServiceIndex(settled, findings.ToValueList());
    }

    /// <summary>Rules are not merged for sidecars: of those for one host only the oldest counts where both are visible.</summary>
    private static IEnumerable<TranslationFinding> Shadowed(ValueList<MeshVirtualService> ordered)
    {
        var owners = new Dictionary<string, MeshVirtualService>(StringComparer.Ordinal);
        foreach (var service in ordered.Where(service => service.ExportTo.IsPublic))
        {
            foreach (var host in service.Hosts)
            {
                if (!owners.TryAdd(host, service) && owners[host] != service)
                {
                    yield return new(service.Source, "spec.hosts", FindingCodes.Shadowed,
                        $"the rules for {host} are those of {owners[host].Source}, which is older; move the routes into one object or delegate them");
                }
            }
        }
    }

    /// <summary>In order of precedence: private to the viewer's namespace, exported to it by name, public; oldest first within each.</summary>
    public ValueList<MeshVirtualService> VisibleTo(string viewerNamespace) => allPublic ? All : All
        .Where(service => service.ExportTo.Includes(viewerNamespace))
        .OrderBy(service => service.ExportTo.IsPublic ? 2 : service.Namespace == viewerNamespace && service.ExportTo.IsPrivateTo(viewerNamespace) ? 0 : 1)
        .ToValueList();

    private static ValueList<HttpRoute> HttpOf(
        VirtualService root,
        Dictionary<(string, string), VirtualService> delegates,
        MeshSettings settings,
        List<TranslationFinding> findings)
    {
        var own = MeshVirtualService.Complete(root.Http, root.Meta.Namespace, settings);
        if (own.All(rule => rule.Delegate is null))
            return own;
        var merged = new List<HttpRoute>();
        for (var i = 0; i < own.Count; i++)
        {
            if (own[i].Delegate is not { } reference)
            {
                merged.Add(own[i]);
                continue;
            }

            var ns = reference.Namespace.Length > 0 ? reference.Namespace : root.Meta.Namespace;
            if (delegates.GetValueOrDefault((ns, reference.Name)) is not { } target
                || !Visibility.Read(target.ExportTo, settings.DefaultVirtualServiceExportTo, ns).Includes(root.Meta.Namespace))
            {
                findings.Add(new(MeshVirtualService.SourceOf(root), $"spec.http[{i}].delegate", FindingCodes.NotFound,
                    $"no VirtualService {ns}/{reference.Name} without hosts is visible here; requests go on to the next rule"));
                continue;
            }

            merged.AddRange(Delegation.Merge(own[i], MeshVirtualService.Complete(target.Http, ns, settings)));
        }

        return merged.ToValueList();
    }
}
