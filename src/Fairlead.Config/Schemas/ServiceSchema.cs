namespace Fairlead.Config.Schemas;

/// <summary>The kind Service. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class ServiceSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Service -- A stable name and address for a set of pods.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec ServiceSpec -- What is wanted.
          3 status ServiceStatus -- What was last observed; written by the system.
        ServiceSpec -- What a Service selects and exposes.
          1 ports []ServicePort keys=port,protocol merge=port -- Ports of the Service.
          2 selector {}string -- Labels of the pods behind the Service; without it somebody else keeps the endpoints.
          3 clusterIP string -- Virtual address; allocated when empty, None for a headless Service.
          18 clusterIPs []string
          4 type string enum=ClusterIP|NodePort|LoadBalancer|ExternalName -- ClusterIP (default), NodePort, LoadBalancer or ExternalName.
          5 externalIPs []string -- Addresses of nodes that also take traffic for the Service.
          7 sessionAffinity string enum=ClientIP|None -- ClientIP keeps a client at one pod; None by default.
          8 loadBalancerIP string
          9 loadBalancerSourceRanges []string
          10 externalName string -- DNS name that the Service stands for; type ExternalName only.
          11 externalTrafficPolicy string enum=Cluster|Local
          12 healthCheckNodePort int32
          13 publishNotReadyAddresses bool -- Whether pods get traffic before they are ready.
          14 sessionAffinityConfig SessionAffinityConfig
          19 ipFamilies []string enum=IPv4|IPv6|
          17 ipFamilyPolicy string enum=SingleStack|PreferDualStack|RequireDualStack
          20 allocateLoadBalancerNodePorts bool
          21 loadBalancerClass string
          22 internalTrafficPolicy string enum=Cluster|Local
          23 trafficDistribution string
        ServicePort -- One port of a Service.
          1 name string -- Name; needed with several ports. Its prefix tells the mesh the protocol (http-, grpc-, tcp- ...).
          2 protocol string enum=TCP|UDP|SCTP -- TCP (default), UDP or SCTP.
          6 appProtocol string -- What is spoken on the port; wins over the name.
          3 port int32 required -- Port that clients use.
          4 targetPort intorstring -- Port of the pods, by number or name; the same port when not given.
          5 nodePort int32 -- Port on every node, for NodePort and LoadBalancer.
        SessionAffinityConfig
          1 clientIP ClientIPConfig
        ClientIPConfig
          1 timeoutSeconds int32
        ServiceStatus
          1 loadBalancer LoadBalancerStatus
          2 conditions []Condition keys=type merge=type
        LoadBalancerStatus
          1 ingress []LoadBalancerIngress
        LoadBalancerIngress
          1 ip string
          2 hostname string
          3 ipMode string
          4 ports []PortStatus
        PortStatus
          1 port int32 required
          2 protocol string required enum=TCP|UDP|SCTP
          3 error string
        """;
}
