using Envoy.Config.Core.V3;

namespace Fairlead.ControlPlane.Translate;

/// <summary>Where dependent resources come from: the same stream, waited for as long as it takes (Istio's choice).</summary>
internal static class ConfigSources
{
    public static ConfigSource Ads() => new()
    {
        Ads = new AggregatedConfigSource(),
        InitialFetchTimeout = Durations.Zero,
        ResourceApiVersion = ApiVersion.V3,
    };
}
