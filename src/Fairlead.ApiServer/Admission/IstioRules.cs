using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>Istio's kinds: what a CRD's structural schema would refuse. Their own rules are the validating webhook's, as on a cluster.</summary>
internal static class IstioRules
{
    public static void Validate(ResourceRequest request, KubeObject target, List<FieldCause> causes)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (target.Root["spec"] is not null && target.Spec is null)
            causes.Add(FieldCause.Invalid("spec", "\"" + target.Root["spec"]!.GetValueKind().ToString().ToLowerInvariant() + "\"", "spec in body must be of type object"));
    }
}
