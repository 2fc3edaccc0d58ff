using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Authority;

namespace Fairlead.ControlPlane.Injection;

/// <summary>The containers and volumes that injection adds: names, paths, ports and environment are Istio's, so that tools that look for them find them.</summary>
internal static class SidecarTemplate
{
    public const string ProxyContainer = "istio-proxy";
    public const string InitContainer = "istio-init";

    /// <summary>The user and group that only the sidecar runs as: capture lets its traffic through.</summary>
    private const int ProxyUser = 1337;

    private const string DataVolume = "istio-data";
    private const string EnvoyVolume = "istio-envoy";
    private const string TokenVolume = "istio-token";
    private const string PodInfoVolume = "istio-podinfo";
    private const string RootVolume = "istiod-ca-cert";

    /// <summary>Seconds that a sidecar's token holds (Istio's 12 hours); the node renews it long before.</summary>
    private const int TokenSeconds = 43200;

    public static JsonObject Init(KubeObject pod, InjectionSettings settings) => new()
    {
        ["name"] = InitContainer,
        ["image"] = settings.CaptureImage,
        ["command"] = new JsonArray("fairlead", "capture"),
        ["args"] = new JsonArray([.. CaptureArguments.For(pod).Select(argument => (JsonNode)argument)]),
        ["resources"] = Resources(pod.Annotations),
        ["securityContext"] = new JsonObject
        {
            ["allowPrivilegeEscalation"] = false,
            ["capabilities"] = new JsonObject { ["add"] = new JsonArray("NET_ADMIN", "NET_RAW"), ["drop"] = new JsonArray("ALL") },
            ["privileged"] = false,
            ["readOnlyRootFilesystem"] = false,
            ["runAsGroup"] = 0,
            ["runAsNonRoot"] = false,
            ["runAsUser"] = 0,
        },
    };

    /// <summary>A start hook that ends when the sidecar is ready (Istio: <c>pilot-agent wait</c>), and fails after a minute.</summary>
    public static JsonObject WaitUntilReady() => new()
    {
        ["postStart"] = new JsonObject
        {
            ["exec"] = new JsonObject
            {
                ["command"] = new JsonArray(
                    "sh", "-c", "for i in $(seq 600); do curl -fso /dev/null -m 1 http://127.0.0.1:15021/healthz/ready && exit 0; sleep 0.1; done; echo the sidecar is not ready after 60 s; exit 1"),
            },
        },
    };

    public static JsonObject Proxy(KubeObject pod, string ns, WorkloadOwner owner, InjectionSettings settings)
    {
        var annotations = pod.Annotations;
        return new JsonObject
        {
            ["name"] = ProxyContainer,
            ["image"] = annotations.GetValueOrDefault("sidecar.istio.io/proxyImage", settings.ProxyImage),
            ["args"] = new JsonArray(
                "proxy", "sidecar",
                "--domain", $"$(POD_NAMESPACE).svc.{settings.ClusterDomain}",
                $"--proxyLogLevel={annotations.GetValueOrDefault("sidecar.istio.io/logLevel", "warning")}",
                $"--proxyComponentLogLevel={annotations.GetValueOrDefault("sidecar.istio.io/componentLogLevel", "misc:error")}",
                $"--log_output_level={annotations.GetValueOrDefault("sidecar.istio.io/agentLogLevel", "default:info")}"),
            ["env"] = Environment(pod, owner, settings),
            ["ports"] = new JsonArray(new JsonObject { ["containerPort"] = 15090, ["name"] = "http-envoy-prom", ["protocol"] = "TCP" }),
            ["readinessProbe"] = Probe(period: 15, failures: 4),
            ["startupProbe"] = Probe(period: 1, failures: 600),
            ["resources"] = Resources(annotations),
            ["securityContext"] = new JsonObject
            {
                ["allowPrivilegeEscalation"] = false,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                ["privileged"] = false,
                ["readOnlyRootFilesystem"] = true,
                ["runAsGroup"] = ProxyUser,
                ["runAsNonRoot"] = true,
                ["runAsUser"] = ProxyUser,
            },
            ["volumeMounts"] = new JsonArray(
                Mount(RootVolume, "/var/run/secrets/istio"),
                Mount(DataVolume, "/var/lib/istio/data"),
                Mount(EnvoyVolume, "/etc/istio/proxy"),
                Mount(TokenVolume, "/var/run/secrets/tokens"),
                Mount(PodInfoVolume, "/etc/istio/pod")),
        };
    }

    public static IReadOnlyList<JsonObject> Volumes() =>
    [
        new() { ["name"] = EnvoyVolume, ["emptyDir"] = new JsonObject { ["medium"] = "Memory" } },
        new() { ["name"] = DataVolume, ["emptyDir"] = new JsonObject() },
        new()
        {
            ["name"] = PodInfoVolume,
            ["downwardAPI"] = new JsonObject
            {
                ["items"] = new JsonArray(DownwardItem("labels"), DownwardItem("annotations")),
            },
        },
        new()
        {
            ["name"] = TokenVolume,
            ["projected"] = new JsonObject
            {
                ["sources"] = new JsonArray(new JsonObject
                {
                    ["serviceAccountToken"] = new JsonObject { ["audience"] = TokenCheck.Audience, ["expirationSeconds"] = TokenSeconds, ["path"] = "istio-token" },
                }),
            },
        },
        new() { ["name"] = RootVolume, ["configMap"] = new JsonObject { ["name"] = RootDistribution.ConfigMapName } },
    ];

    private static JsonArray Environment(KubeObject pod, WorkloadOwner owner, InjectionSettings settings)
    {
        var containers = (pod.Spec?["containers"] as JsonArray ?? []).OfType<JsonObject>().Where(container => Text(container, "name") != ProxyContainer).ToList();
        return
        [
            Variable("PILOT_CERT_PROVIDER", "istiod"),
            Variable("CA_ADDR", settings.DiscoveryAddress),
            FromField("POD_NAME", "metadata.name"),
            FromField("POD_NAMESPACE", "metadata.namespace"),
            FromField("INSTANCE_IP", "status.podIP"),
            FromField("SERVICE_ACCOUNT", "spec.serviceAccountName"),
            FromField("HOST_IP", "status.hostIP"),
            new JsonObject { ["name"] = "ISTIO_CPU_LIMIT", ["valueFrom"] = new JsonObject { ["resourceFieldRef"] = new JsonObject { ["resource"] = "limits.cpu" } } },
            Variable("PROXY_CONFIG", ProxyConfigText.For(pod, settings.DefaultProxyConfig)),
            Variable("ISTIO_META_POD_PORTS", Ports(containers).ToJsonString(JsonText.Relaxed)),
            Variable("ISTIO_META_APP_CONTAINERS", string.Join(',', containers.Select(container => Text(container, "name")))),
            Variable("ISTIO_META_CLUSTER_ID", settings.ClusterId),
            FromField("ISTIO_META_NODE_NAME", "spec.nodeName"),
            Variable("ISTIO_META_INTERCEPTION_MODE", CaptureArguments.InterceptionMode(pod.Annotations)),
            Variable("ISTIO_META_WORKLOAD_NAME", owner.Name),
            Variable("ISTIO_META_OWNER", owner.Reference),
            Variable("ISTIO_META_MESH_ID", settings.MeshId),
            Variable("TRUST_DOMAIN", settings.TrustDomain),
        ];
    }

    private static JsonArray Ports(IEnumerable<JsonObject> containers)
    {
        var ports = new JsonArray();
        foreach (var port in containers.SelectMany(container => (container["ports"] as JsonArray ?? []).OfType<JsonObject>()))
            ports.Add(port.DeepClone());
        return ports;
    }

    private static JsonObject Resources(IReadOnlyDictionary<string, string> annotations) => new()
    {
        ["limits"] = new JsonObject
        {
            ["cpu"] = annotations.GetValueOrDefault("sidecar.istio.io/proxyCPULimit", "2"),
            ["memory"] = annotations.GetValueOrDefault("sidecar.istio.io/proxyMemoryLimit", "1Gi"),
        },
        ["requests"] = new JsonObject
        {
            ["cpu"] = annotations.GetValueOrDefault("sidecar.istio.io/proxyCPU", "100m"),
            ["memory"] = annotations.GetValueOrDefault("sidecar.istio.io/proxyMemory", "128Mi"),
        },
    };

    private static JsonObject Probe(int period, int failures) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = "/healthz/ready", ["port"] = 15021, ["scheme"] = "HTTP" },
        ["periodSeconds"] = period,
        ["failureThreshold"] = failures,
        ["successThreshold"] = 1,
        ["timeoutSeconds"] = 3,
    };

    private static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = value };

    private static JsonObject FromField(string name, string path) =>
        new() { ["name"] = name, ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = path } } };

    private static JsonObject Mount(string volume, string path) => new() { ["name"] = volume, ["mountPath"] = path };

    private static JsonObject DownwardItem(string field) =>
        new() { ["path"] = field, ["fieldRef"] = new JsonObject { ["apiVersion"] = "v1", ["fieldPath"] = $"metadata.{field}" } };

    private static string Text(JsonObject node, string field) =>
        node[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
