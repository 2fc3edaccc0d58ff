using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Injection;

/// <summary>The arguments of the init container that captures traffic: istio-iptables' flags, from the pod's annotations.</summary>
public static class CaptureArguments
{
    public const string InterceptionModeKey = "sidecar.istio.io/interceptionMode";
    public const string StatusPortKey = "status.sidecar.istio.io/port";
    private const string Prefix = "traffic.sidecar.istio.io/";

    /// <summary>Ports of the sidecar itself that inbound capture always leaves alone: metrics, readiness.</summary>
    private static readonly string[] OwnPorts = ["15090", "15021"];

    /// <summary>REDIRECT, TPROXY or NONE.</summary>
    public static string InterceptionMode(IReadOnlyDictionary<string, string> annotations) => annotations.GetValueOrDefault(InterceptionModeKey, "REDIRECT");

    public static IReadOnlyList<string> For(KubeObject pod)
    {
        var annotations = pod.Annotations;
        var excludedInbound = new List<string>(OwnPorts) { annotations.GetValueOrDefault(StatusPortKey, "15020") };
        excludedInbound.AddRange(Get(annotations, "excludeInboundPorts", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        var arguments = new List<string>
        {
            "-p", "15001", "-z", "15006", "-u", "1337",
            "-m", InterceptionMode(annotations),
            "-i", Get(annotations, "includeOutboundIPRanges", "*"),
            "-x", Get(annotations, "excludeOutboundIPRanges", ""),
            "-b", Get(annotations, "includeInboundPorts", "*"),
            "-d", string.Join(',', excludedInbound.Distinct()),
        };
        AddIfSet(arguments, "-q", Get(annotations, "includeOutboundPorts", ""));
        AddIfSet(arguments, "-o", Get(annotations, "excludeOutboundPorts", ""));
        AddIfSet(arguments, "-c", Get(annotations, "excludeInterfaces", ""));
        AddIfSet(arguments, "-k", annotations.GetValueOrDefault("istio.io/reroute-virtual-interfaces", Get(annotations, "kubevirtInterfaces", "")));
        return arguments;
    }

    private static string Get(IReadOnlyDictionary<string, string> annotations, string name, string otherwise) =>
        annotations.GetValueOrDefault(Prefix + name, otherwise);

    private static void AddIfSet(List<string> arguments, string flag, string value)
    {
        if (value.Length == 0)
            return;
        arguments.Add(flag);
        arguments.Add(value);
    }
}
