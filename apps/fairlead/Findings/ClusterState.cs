using Fairlead.App.CommandLine;
using Fairlead.App.Supervision;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;

namespace Fairlead.App.Findings;

/// <summary>The objects of a running API server, for an analysis.</summary>
internal sealed record ClusterState(IReadOnlyList<KubeObject> Objects, string Namespace)
{
    /// <summary>What the analysis looks at; Secrets and Events among others are left alone.</summary>
    private static readonly KindDescriptor[] Kinds =
    [
        KindTable.Namespace, KindTable.Pod, KindTable.Service, KindTable.Deployment, KindTable.MutatingWebhookConfiguration, KindTable.ValidatingWebhookConfiguration,
        KindTable.ServiceEntry, KindTable.VirtualService, KindTable.DestinationRule, KindTable.Sidecar, KindTable.WorkloadEntry, KindTable.Telemetry,
    ];

    /// <summary>The kubeconfig to use: the one given, KUBECONFIG, that of the mesh on this machine, the user's.</summary>
    public static string FindKubeconfig(string? given)
    {
        if (given is { Length: > 0 })
            return given;
        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } named)
            return named.Split(':')[0];
        var own = new StatePaths(StatePaths.DefaultRoot).AdminKubeconfig;
        var home = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config");
        return File.Exists(own) || !File.Exists(home) ? own : home;
    }

    public static async Task<ClusterState> ReadAsync(string kubeconfig, string rootNamespace, CancellationToken cancel)
    {
        if (!File.Exists(kubeconfig))
            throw new CommandException($"there is no kubeconfig {kubeconfig}; name one with --kubeconfig, or analyze files alone with -f");
        var config = KubeConfig.Load(kubeconfig);
        using var connection = new KubeConnection(config, TimeProvider.System);
        var objects = new List<KubeObject>();
        foreach (var kind in Kinds)
        {
            try
            {
                objects.AddRange((await connection.ListAsync(kind, cancel: cancel)).Items);
            }
            catch (KubeStatusException missing) when (missing.IsNotFound)
            {
                throw new CommandException($"the server does not serve {kind.QualifiedResource}: are Istio's CRDs installed?", missing);
            }
        }
        if (await connection.FindAsync(KindTable.ConfigMap, rootNamespace, MeshConfig.ConfigMapName, cancel) is { } mesh)
            objects.Add(mesh);
        if (await connection.FindAsync(KindTable.ConfigMap, rootNamespace, "istio-sidecar-injector", cancel) is { } injector)
            objects.Add(injector);
        return new ClusterState(objects, config.Namespace);
    }
}
