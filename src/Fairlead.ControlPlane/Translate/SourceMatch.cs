using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate;

/// <summary>The conditions of a match that are about the client: decided here, not in the proxy.</summary>
internal static class SourceMatch
{
    /// <summary>Where gateways are named, labels and namespace are not looked at, as in Istio.</summary>
    public static bool Applies(ValueList<string> gateways, ValueMap<string> sourceLabels, string sourceNamespace, OutboundProfile profile)
    {
        if (gateways.Count > 0)
            return gateways.Contains(VirtualService.MeshGateway);
        return LabelMatch.Includes(sourceLabels, profile.ClientLabels)
            && (sourceNamespace.Length == 0 || sourceNamespace == profile.Namespace);
    }
}
