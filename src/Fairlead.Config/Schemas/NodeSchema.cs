namespace Fairlead.Config.Schemas;

/// <summary>The kind Node. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class NodeSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Node -- A machine that runs pods.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec NodeSpec -- What is wanted.
          3 status NodeStatus -- What was last observed; written by the system.
        NodeSpec
          1 podCIDR string -- Block that pod addresses come from.
          7 podCIDRs []string merge set
          3 providerID string
          4 unschedulable bool
          5 taints []Taint
          6 configSource NodeConfigSource
          2 externalID string
        Taint
          1 key string required
          2 value string
          3 effect string required enum=NoSchedule|PreferNoSchedule|NoExecute
          4 timeAdded time
        NodeConfigSource
          2 configMap ConfigMapNodeConfigSource
        ConfigMapNodeConfigSource
          1 namespace string required
          2 name string required
          3 uid string
          4 resourceVersion string
          5 kubeletConfigKey string required
        NodeStatus
          1 capacity {}quantity
          2 allocatable {}quantity
          3 phase string enum=Pending|Running|Terminated
          4 conditions []NodeCondition keys=type merge=type -- Ready and pressure conditions.
          5 addresses []NodeAddress keys=type merge=type -- Addresses of the node.
          6 daemonEndpoints NodeDaemonEndpoints -- Ports of the node's own services.
          7 nodeInfo NodeSystemInfo
          8 images []ContainerImage
          9 volumesInUse []string
          10 volumesAttached []AttachedVolume
          11 config NodeConfigStatus
          12 runtimeHandlers []NodeRuntimeHandler
          13 features NodeFeatures
        NodeCondition
          1 type string required
          2 status string required
          3 lastHeartbeatTime time
          4 lastTransitionTime time
          5 reason string
          6 message string
        NodeAddress
          1 type string required
          2 address string required
        NodeDaemonEndpoints
          1 kubeletEndpoint DaemonEndpoint
        DaemonEndpoint
          1 Port int32 required
        NodeSystemInfo
          1 machineID string required
          2 systemUUID string required
          3 bootID string required
          4 kernelVersion string required
          5 osImage string required
          6 containerRuntimeVersion string required
          7 kubeletVersion string required
          8 kubeProxyVersion string required
          9 operatingSystem string required
          10 architecture string required
        ContainerImage
          1 names []string
          2 sizeBytes int64
        AttachedVolume
          1 name string required
          2 devicePath string required
        NodeConfigStatus
          1 assigned NodeConfigSource
          2 active NodeConfigSource
          3 lastKnownGood NodeConfigSource
          4 error string
        NodeRuntimeHandler
          1 name string
          2 features NodeRuntimeHandlerFeatures
        NodeRuntimeHandlerFeatures
          1 recursiveReadOnlyMounts bool
          2 userNamespaces bool
        NodeFeatures
          1 supplementalGroupsPolicy bool
        """;
}
