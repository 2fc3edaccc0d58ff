namespace Fairlead.Config.Schemas;

/// <summary>The kind ServiceEntry and the WorkloadEntry that it may hold; fields and limits are those of Istio's CRDs.</summary>
internal static class ServiceEntrySchema
{
    public const string Text = """
        @io.istio.networking.v1
        ServiceEntry -- A service that the mesh would not know of: an external site, or workloads outside of Kubernetes.
          metadata ObjectMeta -- Names, labels and annotations of the object.
          spec ServiceEntrySpec required -- The service: its names, ports and how its endpoints are found.
          status raw -- Written by the control plane: conditions and allocated addresses.
        ServiceEntrySpec -- The service: its names, ports and how its endpoints are found.
          hosts []string required minitems=1 maxitems=256 -- Names of the service. HTTP is matched by Host, TLS by SNI; *.x stands for every name below x, not for x.
          addresses []string maxitems=256 -- Virtual addresses or CIDR blocks by which TCP traffic is recognised.
          ports []ServiceEntryPort keys=name maxitems=256 -- Ports of the service; without any, nothing is routed.
          location string enum=MESH_EXTERNAL|MESH_INTERNAL -- Whether the service is outside of the mesh (default) or a part of it.
          resolution string enum=NONE|STATIC|DNS|DNS_ROUND_ROBIN|DYNAMIC_DNS -- How endpoints are found: the address that the application resolved (NONE, default), the list (STATIC), the proxy's own look-up (DNS, DNS_ROUND_ROBIN, DYNAMIC_DNS for wildcards).
          endpoints []WorkloadEntrySpec maxitems=4096 -- Endpoints, by address or, with DNS, by name.
          workloadSelector ServiceWorkloadSelector -- Pods and WorkloadEntries of the namespace that serve it; not together with endpoints.
          exportTo []string -- Namespaces that see it: names, . for its own, * for all, ~ for none.
          subjectAltNames []string -- Names that the server's certificate may carry when the proxy originates TLS.
        ServiceEntryPort -- A port of the service.
          number uint32 required min=1 max=65535 -- Port that clients use.
          name string required maxlen=256 -- Name of the port, unique in the entry.
          protocol string maxlen=256 -- HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, MONGO, TCP, TLS, REDIS, MYSQL or UDP; empty lets the first bytes decide.
          targetPort uint32 min=1 max=65535 -- Port of the endpoints; the same number when not given.
        ServiceWorkloadSelector
          labels {}string maxlen=63 -- Labels that the workloads must have.
        WorkloadEntry -- A workload that is no pod: a virtual machine, a process elsewhere.
          metadata ObjectMeta -- Names, labels and annotations of the object.
          spec WorkloadEntrySpec required -- Where the workload is.
          status raw -- Written by the control plane.
        WorkloadEntrySpec -- An endpoint.
          address string maxlen=256 -- IP address; with DNS resolution a name; unix:///path with STATIC.
          ports {}uint32 min=1 max=65535 -- Port by port name, where it differs from the service's target port.
          labels {}string -- Labels for selectors and subsets.
          network string maxlen=2048 -- Network of the workload; endpoints of other networks are reached by gateways.
          locality string maxlen=2048 -- region/zone/sub-zone.
          weight uint32 -- Share of the traffic.
          serviceAccount string maxlen=253 -- Identity of the workload, in the mesh.
        """;
}
