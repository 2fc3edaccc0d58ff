using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A pod: what is to run and what runs.</summary>
public sealed record Pod(ObjectMeta Meta, PodSpec Spec, PodStatus Status)
{
    public static Pod Read(KubeObject source) =>
        new(ObjectMeta.Read(source), PodSpec.Read(source.Spec ?? []), PodStatus.Read(source.Status ?? []));
}

/// <summary>The part of a pod's status that others act on.</summary>
public sealed record PodStatus(string Phase)
{
    public string PodIp { get; init; } = "";
    public ValueList<string> PodIps { get; init; } = ValueList<string>.Empty;
    public string HostIp { get; init; } = "";
    public bool IsReady { get; init; }
    public ValueList<Condition> Conditions { get; init; } = ValueList<Condition>.Empty;

    public static PodStatus Read(JsonObject node)
    {
        var conditions = node.List("conditions", Condition.Read);
        return new PodStatus(node.Text("phase"))
        {
            PodIp = node.Text("podIP"),
            PodIps = node.List("podIPs", item => item.Text("ip")),
            HostIp = node.Text("hostIP"),
            IsReady = conditions.Any(condition => condition is { Type: "Ready", IsTrue: true }),
            Conditions = conditions,
        };
    }
}

/// <summary>What a pod runs. Null and empty mean "not given"; Kubernetes' defaults are applied on write.</summary>
public sealed record PodSpec
{
    public ValueList<Container> Containers { get; init; } = ValueList<Container>.Empty;
    public ValueList<Container> InitContainers { get; init; } = ValueList<Container>.Empty;
    public ValueList<Volume> Volumes { get; init; } = ValueList<Volume>.Empty;
    public string NodeName { get; init; } = "";
    public ValueMap<string> NodeSelector { get; init; } = ValueMap<string>.Empty;
    public string ServiceAccountName { get; init; } = "";
    public bool? AutomountServiceAccountToken { get; init; }

    /// <summary>Always, OnFailure or Never.</summary>
    public string RestartPolicy { get; init; } = "Always";

    public int TerminationGracePeriodSeconds { get; init; } = 30;
    public int? ActiveDeadlineSeconds { get; init; }
    public string DnsPolicy { get; init; } = "ClusterFirst";
    public DnsConfig? DnsConfig { get; init; }
    public bool HostNetwork { get; init; }
    public bool HostPid { get; init; }
    public bool HostIpc { get; init; }
    public bool ShareProcessNamespace { get; init; }
    public string Hostname { get; init; } = "";
    public string Subdomain { get; init; } = "";
    public ValueList<HostAlias> HostAliases { get; init; } = ValueList<HostAlias>.Empty;
    public PodSecurityContext SecurityContext { get; init; } = new();
    public ValueList<string> ImagePullSecrets { get; init; } = ValueList<string>.Empty;
    public bool? EnableServiceLinks { get; init; }
    public ValueList<string> ReadinessGates { get; init; } = ValueList<string>.Empty;

    public static PodSpec Read(JsonObject node) => new()
    {
        Containers = node.List("containers", Container.Read),
        InitContainers = node.List("initContainers", Container.Read),
        Volumes = node.List("volumes", Volume.Read),
        NodeName = node.Text("nodeName"),
        NodeSelector = node.TextMap("nodeSelector"),
        ServiceAccountName = node.OptionalText("serviceAccountName") ?? node.Text("serviceAccount"),
        AutomountServiceAccountToken = node.OptionalFlag("automountServiceAccountToken"),
        RestartPolicy = node.OptionalText("restartPolicy") ?? "Always",
        TerminationGracePeriodSeconds = node.OptionalInt("terminationGracePeriodSeconds") ?? 30,
        ActiveDeadlineSeconds = node.OptionalInt("activeDeadlineSeconds"),
        DnsPolicy = node.OptionalText("dnsPolicy") ?? "ClusterFirst",
        DnsConfig = node.Optional("dnsConfig", DnsConfig.Read),
        HostNetwork = node.Flag("hostNetwork"),
        HostPid = node.Flag("hostPID"),
        HostIpc = node.Flag("hostIPC"),
        ShareProcessNamespace = node.Flag("shareProcessNamespace"),
        Hostname = node.Text("hostname"),
        Subdomain = node.Text("subdomain"),
        HostAliases = node.List("hostAliases", item => new HostAlias(item.Text("ip"), item.TextList("hostnames"))),
        SecurityContext = PodSecurityContext.Read(node.Object("securityContext")),
        ImagePullSecrets = node.List("imagePullSecrets", item => item.Text("name")),
        EnableServiceLinks = node.OptionalFlag("enableServiceLinks"),
        ReadinessGates = node.List("readinessGates", item => item.Text("conditionType")),
    };
}

/// <summary>A line of the pod's hosts file.</summary>
public sealed record HostAlias(string Ip, ValueList<string> Hostnames);

/// <summary>Additions to the pod's resolv.conf.</summary>
public sealed record DnsConfig(ValueList<string> Nameservers, ValueList<string> Searches, ValueList<DnsOption> Options)
{
    public static DnsConfig Read(JsonObject node) => new(
        node.TextList("nameservers"), node.TextList("searches"), node.List("options", item => new DnsOption(item.Text("name"), item.OptionalText("value"))));
}

public sealed record DnsOption(string Name, string? Value);

/// <summary>Defaults for all containers of a pod.</summary>
public sealed record PodSecurityContext
{
    public long? RunAsUser { get; init; }
    public long? RunAsGroup { get; init; }
    public bool? RunAsNonRoot { get; init; }
    public long? FsGroup { get; init; }
    public ValueList<int> SupplementalGroups { get; init; } = ValueList<int>.Empty;
    public ValueList<KeyValuePair<string, string>> Sysctls { get; init; } = ValueList<KeyValuePair<string, string>>.Empty;

    public static PodSecurityContext Read(JsonObject? node) => new()
    {
        RunAsUser = node.OptionalInteger("runAsUser"),
        RunAsGroup = node.OptionalInteger("runAsGroup"),
        RunAsNonRoot = node.OptionalFlag("runAsNonRoot"),
        FsGroup = node.OptionalInteger("fsGroup"),
        SupplementalGroups = node.IntList("supplementalGroups"),
        Sysctls = node.List("sysctls", item => KeyValuePair.Create(item.Text("name"), item.Text("value"))),
    };
}
