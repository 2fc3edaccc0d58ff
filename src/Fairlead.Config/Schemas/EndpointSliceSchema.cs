namespace Fairlead.Config.Schemas;

/// <summary>The kind EndpointSlice. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class EndpointSliceSchema
{
    public const string Text = """
        @io.k8s.api.discovery.v1
        EndpointSlice -- A part of the addresses behind a Service.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          4 addressType string required -- IPv4, IPv6 or FQDN.
          2 endpoints []Endpoint required -- The addresses with their conditions.
          3 ports []EndpointPort -- Ports that all of them have.
        Endpoint
          1 addresses []string required set
          2 conditions EndpointConditions
          3 hostname string
          4 targetRef ObjectReference
          5 deprecatedTopology {}string
          6 nodeName string
          7 zone string
          8 hints EndpointHints
        EndpointConditions
          1 ready bool
          2 serving bool
          3 terminating bool
        EndpointHints
          1 forZones []ForZone
        ForZone
          1 name string required
        EndpointPort
          1 name string
          2 protocol string
          3 port int32
          4 appProtocol string
        """;
}
