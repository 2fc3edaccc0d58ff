using Envoy.Config.Cluster.V3;
using Envoy.Config.Core.V3;
using Envoy.Extensions.TransportSockets.Tls.V3;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>Finds the control plane in a bootstrap.</summary>
internal static class AdsTargets
{
    /// <summary>Null = the bootstrap has no ADS.</summary>
    /// <exception cref="ConfigException">It has, and cannot be followed.</exception>
    public static AdsTarget? Find(ProxySettings settings)
    {
        if (settings.Bootstrap.DynamicResources?.AdsConfig is not { } ads) return null;
        const string path = "dynamic_resources.ads_config";
        var isDelta = ads.ApiType switch
        {
            ApiConfigSource.Types.ApiType.Grpc => false,
            ApiConfigSource.Types.ApiType.DeltaGrpc => true,
            _ => throw new ConfigException(path + ".api_type", $"{ads.ApiType} is not supported: use GRPC or DELTA_GRPC"),
        };
        if (settings.Sidecar is { } sidecar) return OfSidecar(sidecar, isDelta);
        var service = ads.GrpcServices.FirstOrDefault() ?? throw new ConfigException(path + ".grpc_services", "is empty");
        var headers = service.InitialMetadata.Select(header => KeyValuePair.Create(header.Key, header.Value)).ToList();
        return service.TargetSpecifierCase switch
        {
            GrpcService.TargetSpecifierOneofCase.EnvoyGrpc => OfCluster(settings.Bootstrap, service.EnvoyGrpc.ClusterName, isDelta, headers, path),
            GrpcService.TargetSpecifierOneofCase.GoogleGrpc => OfUri(service.GoogleGrpc, isDelta, headers, path),
            _ => throw new ConfigException(path, "expected envoy_grpc or google_grpc"),
        };
    }

    /// <summary>The static cluster that only carries xDS; the data path does not get it.</summary>
    public static string? ClusterOf(Envoy.Config.Bootstrap.V3.Bootstrap bootstrap) =>
        bootstrap.DynamicResources?.AdsConfig?.GrpcServices.FirstOrDefault()?.EnvoyGrpc?.ClusterName;

    private static AdsTarget OfSidecar(SidecarEnvironment sidecar, bool isDelta)
    {
        var (host, port) = Split(sidecar.DiscoveryAddress, "PROXY_CONFIG.discoveryAddress");
        // Istio's plain-text port is for debugging on loopback; every other one speaks TLS.
        var isPlain = port == 15010;
        return new AdsTarget(
            host, port, isPlain ? null : SidecarEnvironment.RootCertificatePath, isPlain ? null : "istiod.istio-system.svc",
            isPlain ? null : SidecarEnvironment.TokenPath, isDelta, [KeyValuePair.Create("clusterid", sidecar.Variables.GetValueOrDefault("ISTIO_META_CLUSTER_ID", "Kubernetes"))]);
    }

    private static AdsTarget OfCluster(
        Envoy.Config.Bootstrap.V3.Bootstrap bootstrap, string name, bool isDelta, List<KeyValuePair<string, string>> headers, string path)
    {
        var cluster = bootstrap.StaticResources?.Clusters.FirstOrDefault(cluster => cluster.Name == name)
            ?? throw new ConfigException(path, $"the cluster '{name}' is not among the static clusters");
        var socket = cluster.LoadAssignment?.Endpoints.SelectMany(locality => locality.LbEndpoints).FirstOrDefault()?.Endpoint?.Address?.SocketAddress
            ?? throw new ConfigException($"cluster '{name}'", "has no socket_address to connect to");
        var (root, serverName) = Tls(cluster);
        return new AdsTarget(socket.Address, (int)socket.PortValue, root, serverName, null, isDelta, headers);
    }

    private static (string? Root, string? ServerName) Tls(Cluster cluster)
    {
        if (cluster.TransportSocket is null || ClusterSupport.IsPlaintext(cluster.TransportSocket)) return (null, null);
        var path = $"cluster '{cluster.Name}'.transport_socket";
        var tls = TypedConfig.Open(cluster.TransportSocket.TypedConfig, path).Read(UpstreamTlsContext.Parser);
        var root = tls.CommonTlsContext?.ValidationContext?.TrustedCa?.Filename;
        if (string.IsNullOrEmpty(root)) throw new ConfigException(path, "needs validation_context.trusted_ca.filename");
        return (root, tls.Sni.Length > 0 ? tls.Sni : null);
    }

    private static AdsTarget OfUri(GrpcService.Types.GoogleGrpc service, bool isDelta, List<KeyValuePair<string, string>> headers, string path)
    {
        var (host, port) = Split(service.TargetUri, path + ".google_grpc.target_uri");
        var credentials = service.ChannelCredentials;
        if (credentials is null || credentials.LocalCredentials is not null) return new AdsTarget(host, port, null, null, null, isDelta, headers);
        var root = credentials.SslCredentials?.RootCerts?.Filename;
        return !string.IsNullOrEmpty(root) ? new AdsTarget(host, port, root, null, null, isDelta, headers)
            : throw new ConfigException(path + ".google_grpc.channel_credentials", "needs ssl_credentials.root_certs.filename: without it the control plane could be anybody");
    }

    private static (string Host, int Port) Split(string address, string path)
    {
        var colon = address.LastIndexOf(':');
        return colon > 0 && int.TryParse(address.AsSpan(colon + 1), out var port) && port is > 0 and < 65536
            ? (address[..colon].Trim('[', ']'), port)
            : throw new ConfigException(path, $"'{address}' is not HOST:PORT");
    }
}
