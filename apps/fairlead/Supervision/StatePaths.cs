namespace Fairlead.App.Supervision;

/// <summary>Where a mesh keeps what belongs to its processes, below its state directory.</summary>
internal sealed record StatePaths(string Root)
{
    public const string DefaultRoot = "/var/lib/fairlead";

    public string Logs => Path.Combine(Root, "logs");
    public string AdminKubeconfig => Path.Combine(Root, "kubeconfig", "admin.conf");
    public string NodeKubeconfig => Path.Combine(Root, "kubeconfig", "node.conf");
    public string ControlPlaneKubeconfig => Path.Combine(Root, "kubeconfig", "control-plane.conf");

    /// <summary>Which kubeconfig file got our context, and what its current context was before.</summary>
    public string KubeconfigNote => Path.Combine(Root, "run", "kubeconfig.json");

    public string Log(string part) => Path.Combine(Logs, $"{part}.log");

    public string Pid(string part) => Path.Combine(Root, "run", $"{part}.pid");
}
