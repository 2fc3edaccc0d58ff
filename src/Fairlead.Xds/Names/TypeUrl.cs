namespace Fairlead.Xds.Names;

/// <summary>Type URLs of the discovery APIs (envoy.service.discovery.v3) and of what Istio adds.</summary>
public static class TypeUrl
{
    public const string Prefix = "type.googleapis.com/";
    public const string Cluster = Prefix + "envoy.config.cluster.v3.Cluster";
    public const string Endpoints = Prefix + "envoy.config.endpoint.v3.ClusterLoadAssignment";
    public const string Listener = Prefix + "envoy.config.listener.v3.Listener";
    public const string Routes = Prefix + "envoy.config.route.v3.RouteConfiguration";
    public const string Secret = Prefix + "envoy.extensions.transport_sockets.tls.v3.Secret";
    public const string ExtensionConfig = Prefix + "envoy.config.core.v3.TypedExtensionConfig";
    public const string TypedStruct = Prefix + "xds.type.v3.TypedStruct";
    public const string UdpaTypedStruct = Prefix + "udpa.type.v1.TypedStruct";

    /// <summary>The order in which changes are sent so that nothing refers to what is not there yet.</summary>
    public static readonly IReadOnlyList<string> PushOrder = [Cluster, Endpoints, Listener, Routes, Secret];

    /// <summary>CDS and LDS: a first request without names asks for everything, and a full answer removes what it leaves out.</summary>
    public static bool IsWildcardType(string typeUrl) => typeUrl is Cluster or Listener;

    /// <summary>"CDS" and so on for people; the type's own name for others.</summary>
    public static string ShortName(string typeUrl) => typeUrl switch
    {
        Cluster => "CDS",
        Endpoints => "EDS",
        Listener => "LDS",
        Routes => "RDS",
        Secret => "SDS",
        ExtensionConfig => "ECDS",
        _ => MessageName(typeUrl),
    };

    /// <summary>The full message name after the last slash.</summary>
    public static string MessageName(string typeUrl) => typeUrl[(typeUrl.LastIndexOf('/') + 1)..];
}
