using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>Fields that are valid and not acted on yet (<see cref="UnsupportedSettings"/>), as findings for the object's status.</summary>
public static class UntranslatedFields
{
    public static IEnumerable<TranslationFinding> Of(VirtualService item) => Findings(MeshVirtualService.SourceOf(item), UnsupportedSettings.Of(item));

    public static IEnumerable<TranslationFinding> Of(DestinationRule item) => Findings(MeshDestinationRule.SourceOf(item), UnsupportedSettings.Of(item));

    public static IEnumerable<TranslationFinding> Of(ServiceEntry item) => Findings(ServiceEntries.SourceOf(item), UnsupportedSettings.Of(item));

    public static IEnumerable<TranslationFinding> Of(Sidecar item) => Findings(SidecarIndex.SourceOf(item), UnsupportedSettings.Of(item));

    /// <summary>Also names access log providers that are none: they depend on MeshConfig.</summary>
    public static IEnumerable<TranslationFinding> Of(Telemetry item, MeshSettings mesh)
    {
        var source = TelemetryIndex.SourceOf(item);
        foreach (var finding in Findings(source, UnsupportedSettings.Of(item)))
            yield return finding;
        for (var i = 0; i < item.AccessLogging.Count; i++)
        {
            foreach (var name in item.AccessLogging[i].Providers)
            {
                if (mesh.Provider(name)?.FileLog is null)
                    yield return new(source, $"spec.accessLogging[{i}].providers", mesh.Provider(name) is null ? FindingCodes.NotFound : FindingCodes.NotSupported,
                        $"provider {name} is not a file log of MeshConfig.extensionProviders: nothing is logged by it");
            }
        }
    }

    private static IEnumerable<TranslationFinding> Findings(SourceReference source, IEnumerable<UnsupportedSetting> settings) =>
        settings.Select(setting => new TranslationFinding(source, setting.Path, FindingCodes.NotSupported, setting.Instead));
}
