using System.Globalization;
using Envoy.Config.Core.V3;
using Fairlead.Xds.Json;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>Renders the bootstrap of a sidecar from its environment, as Istio's agent does.</summary>
internal static class SidecarBootstrap
{
    /// <summary>The version that log lines, headers and metrics of the walkthrough carry.</summary>
    public const string IstioVersion = "1.22.1";

    public const string ControlPlaneCluster = "xds-grpc";

    public static Envoy.Config.Bootstrap.V3.Bootstrap Render(SidecarEnvironment environment, string? domain)
    {
        var adminPort = environment.Integer("proxyAdminPort") ?? 15000;
        return new Envoy.Config.Bootstrap.V3.Bootstrap
        {
            Node = RenderNode(environment, domain),
            Admin = new Envoy.Config.Bootstrap.V3.Admin { Address = Socket("127.0.0.1", adminPort) },
            DynamicResources = new Envoy.Config.Bootstrap.V3.Bootstrap.Types.DynamicResources
            {
                AdsConfig = new ApiConfigSource
                {
                    ApiType = IsDelta(environment) ? ApiConfigSource.Types.ApiType.DeltaGrpc : ApiConfigSource.Types.ApiType.Grpc,
                    TransportApiVersion = ApiVersion.V3,
                    SetNodeOnFirstMessageOnly = true,
                    GrpcServices = { new GrpcService { EnvoyGrpc = new GrpcService.Types.EnvoyGrpc { ClusterName = ControlPlaneCluster } } },
                },
                CdsConfig = new ConfigSource { Ads = new AggregatedConfigSource(), InitialFetchTimeout = new Duration(), ResourceApiVersion = ApiVersion.V3 },
                LdsConfig = new ConfigSource { Ads = new AggregatedConfigSource(), InitialFetchTimeout = new Duration(), ResourceApiVersion = ApiVersion.V3 },
            },
        };
    }

    public static Node RenderNode(SidecarEnvironment environment, string? domain)
    {
        var app = environment.Labels.GetValueOrDefault("app") ?? environment.Labels.GetValueOrDefault("service.istio.io/canonical-name")
            ?? environment.Variables.GetValueOrDefault("ISTIO_META_WORKLOAD_NAME") ?? "istio-proxy";
        return new Node
        {
            Id = environment.NodeId(domain).ToString(),
            Cluster = $"{app}.{environment.Namespace}",
            Metadata = Metadata(environment),
            UserAgentName = "envoy",
            UserAgentBuildVersion = new BuildVersion
            {
                Version = new Envoy.Type.V3.SemanticVersion { MajorNumber = 1, MinorNumber = 30 },
            },
        };
    }

    /// <summary>As of Istio 1.22: the delta protocol, unless it is asked not to.</summary>
    private static bool IsDelta(SidecarEnvironment environment) =>
        environment.Variables.GetValueOrDefault("ISTIO_DELTA_XDS") is not ("false" or "0");

    private static Struct Metadata(SidecarEnvironment environment)
    {
        var metadata = new Struct();
        Set("ISTIO_VERSION", IstioVersion);
        foreach (var (key, value) in environment.Metadata) Set(key, value);
        Set("NAME", environment.Pod);
        Set("NAMESPACE", environment.Namespace);
        Set("INSTANCE_IPS", environment.Variables.GetValueOrDefault("INSTANCE_IP", string.Empty));
        Set("SERVICE_ACCOUNT", environment.Variables.GetValueOrDefault("SERVICE_ACCOUNT", string.Empty));
        Set("PILOT_SAN", string.Empty);
        metadata.Fields["ENVOY_STATUS_PORT"] = Value.ForNumber(15021);
        metadata.Fields["ENVOY_PROMETHEUS_PORT"] = Value.ForNumber(15090);
        metadata.Fields["LABELS"] = Value.ForStruct(Texts(environment.Labels));
        if (environment.ProxyConfig.Entries.Count > 0) metadata.Fields["PROXY_CONFIG"] = ValueOf(environment.ProxyConfig);
        if (environment.Annotations.Count > 0) metadata.Fields["ANNOTATIONS"] = Value.ForStruct(Texts(environment.Annotations));
        return metadata;

        void Set(string key, string value)
        {
            if (value.Length > 0) metadata.Fields[key] = Value.ForString(value);
        }
    }

    private static Value ValueOf(ConfigNode node)
    {
        switch (node)
        {
            case ConfigNode.Map map:
                var fields = new Struct();
                foreach (var (key, value) in map.Entries) fields.Fields[key] = ValueOf(value);
                return Value.ForStruct(fields);
            case ConfigNode.List list:
                return Value.ForList([.. list.Items.Select(ValueOf)]);
            case ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.Boolean } flag:
                return Value.ForBool(flag.Text == "true");
            case ConfigNode.Scalar { Kind: ConfigNode.ScalarKind.Number } number when double.TryParse(number.Text, CultureInfo.InvariantCulture, out var parsed):
                return Value.ForNumber(parsed);
            case ConfigNode.Scalar { Kind: not ConfigNode.ScalarKind.Null } text:
                return Value.ForString(text.Text);
            default:
                return Value.ForNull();
        }
    }

    private static Struct Texts(SortedDictionary<string, string> texts)
    {
        var result = new Struct();
        foreach (var (key, value) in texts) result.Fields[key] = Value.ForString(value);
        return result;
    }

    private static Address Socket(string address, int port) =>
        new() { SocketAddress = new SocketAddress { Address = address, PortValue = (uint)port } };
}
