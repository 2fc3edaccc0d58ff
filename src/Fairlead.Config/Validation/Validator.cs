using Fairlead.Config.Kinds;

namespace Fairlead.Config.Validation;

/// <summary>
/// What one object says, judged on its own: the rules of Istio's webhook for its kinds, the main ones of Kubernetes' API server
/// for the built-in kinds. All findings at once; nothing is thrown, whatever the object holds. Unknown fields, wrong types and
/// schema limits are <see cref="Reading.StrictDecoder"/>'s.
/// </summary>
public static class Validator
{
    public static IReadOnlyList<Finding> Validate(KubeObject target)
    {
        var report = new Report(target);
        MetadataValidation.Check(report);
        var spec = Field.Of(target, "spec");
        switch (target.Kind)
        {
            case "ServiceEntry" when IsIstio(target):
                ServiceEntryValidation.Check(report, spec);
                break;
            case "VirtualService" when IsIstio(target):
                VirtualServiceValidation.Check(report, spec);
                break;
            case "DestinationRule" when IsIstio(target):
                DestinationRuleValidation.Check(report, spec);
                break;
            case "Sidecar" when IsIstio(target):
                SidecarValidation.Check(report, spec);
                break;
            case "WorkloadEntry" when IsIstio(target):
                WorkloadEntryValidation.Check(report, spec);
                break;
            case "Telemetry" when target.Group == "telemetry.istio.io":
                TelemetryValidation.Check(report, spec);
                break;
            default:
                KubernetesValidation.Check(report, spec);
                break;
        }
        return report.Findings;
    }

    private static bool IsIstio(KubeObject target) => target.Group == "networking.istio.io";
}
