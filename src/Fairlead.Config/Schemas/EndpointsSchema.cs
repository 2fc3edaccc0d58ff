namespace Fairlead.Config.Schemas;

/// <summary>The kind Endpoints. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class EndpointsSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Endpoints -- Addresses behind a Service, in the older form.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 subsets []EndpointSubset
        EndpointSubset
          1 addresses []EndpointAddress
          2 notReadyAddresses []EndpointAddress
          3 ports []EndpointPort
        EndpointAddress
          1 ip string required
          3 hostname string
          4 nodeName string
          2 targetRef ObjectReference
        EndpointPort
          1 name string
          2 port int32 required
          3 protocol string enum=TCP|UDP|SCTP
          4 appProtocol string
        """;
}
