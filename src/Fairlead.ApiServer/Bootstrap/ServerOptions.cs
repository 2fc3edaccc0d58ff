using System.Net;

namespace Fairlead.ApiServer.Bootstrap;

/// <summary>What the process is told at its start.</summary>
public sealed record ServerOptions(string StateDirectory)
{
    /// <summary>Where kubectl connects.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 6443);

    /// <summary>Where pods connect, on the node's bridge, which may come up later; null: not at all.</summary>
    public IPEndPoint? PodListen { get; init; } = new(IPAddress.Parse("10.244.0.1"), 6443);

    public string PkiDirectory => Path.Combine(StateDirectory, "pki");
    public string KubeconfigDirectory => Path.Combine(StateDirectory, "kubeconfig");
    public string DatabasePath => Path.Combine(StateDirectory, "apiserver.db");
    public string AuditPath => Path.Combine(StateDirectory, "audit.log");
}
