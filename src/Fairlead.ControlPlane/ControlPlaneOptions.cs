using System.Net;
using Fairlead.ControlPlane.Injection;
using Fairlead.KubeClient;

namespace Fairlead.ControlPlane;

/// <summary>How one control plane process runs.</summary>
public sealed record ControlPlaneOptions
{
    public required KubeConfig Kube { get; init; }

    /// <summary>Where 15012, 15014 and 15017 listen. It may belong to an interface that does not exist yet.</summary>
    public IPAddress ListenAddress { get; init; } = IPAddress.Any;

    /// <summary>0 in tests: any free port.</summary>
    public int SecureDiscoveryPort { get; init; } = 15012;

    /// <summary>Loopback only, whatever <see cref="ListenAddress"/> says.</summary>
    public int PlainDiscoveryPort { get; init; } = 15010;

    public int MonitoringPort { get; init; } = 15014;
    public int WebhookPort { get; init; } = 15017;

    public InjectionSettings Injection { get; init; } = new();

    /// <summary>This replica among others, in the Lease of those that write status.</summary>
    public string Identity { get; init; } = Environment.MachineName;
}
