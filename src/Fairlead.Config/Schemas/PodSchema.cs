namespace Fairlead.Config.Schemas;

/// <summary>The kind Pod and the template that workloads hold. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class PodSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Pod -- Containers that run together on one node and share a network address.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec PodSpec -- What the pod is to run.
          3 status PodStatus -- What the node last reported about the pod.
        PodSpec -- What a pod runs and how.
          1 volumes []Volume keys=name merge=name retainKeys -- Volumes that the containers may mount, by name.
          20 initContainers []Container keys=name merge=name -- Containers that run one after another, to the end, before the others start; one with restartPolicy Always keeps running as a sidecar.
          2 containers []Container keys=name merge=name -- Containers of the pod; at least one. Names are unique.
          34 ephemeralContainers []EphemeralContainer keys=name merge=name
          3 restartPolicy string enum=Always|OnFailure|Never -- When containers are started again: Always (default), OnFailure or Never.
          4 terminationGracePeriodSeconds int64 -- Seconds between the signal to stop and the kill; 30 by default.
          5 activeDeadlineSeconds int64 -- Seconds after which the pod is stopped and marked failed.
          6 dnsPolicy string enum=ClusterFirstWithHostNet|ClusterFirst|Default|None -- Where names are resolved; ClusterFirst by default.
          7 nodeSelector {}string -- Labels that the node must have.
          8 serviceAccountName string -- The identity of the pod; default when not given.
          9 serviceAccount string
          21 automountServiceAccountToken bool -- Whether a token of the service account is mounted.
          10 nodeName string -- The node that runs the pod; set by scheduling.
          11 hostNetwork bool -- Whether the pod uses the network of its node instead of its own.
          12 hostPID bool
          13 hostIPC bool
          27 shareProcessNamespace bool -- Whether the containers see each other's processes.
          14 securityContext PodSecurityContext -- Users, groups and kernel settings for all containers.
          15 imagePullSecrets []LocalObjectReference keys=name merge=name -- Secrets with credentials for image registries.
          16 hostname string -- Host name inside the pod; the pod's name when not given.
          17 subdomain string -- Sub-domain of the pod's DNS name: the name of a headless Service.
          18 affinity Affinity -- Preferences and rules about where the pod runs.
          19 schedulerName string
          22 tolerations []Toleration -- Taints of nodes that the pod accepts.
          23 hostAliases []HostAlias keys=ip merge=ip -- Lines added to the hosts file.
          24 priorityClassName string
          25 priority int32
          26 dnsConfig PodDNSConfig -- Additions to the resolver configuration.
          28 readinessGates []PodReadinessGate
          29 runtimeClassName string
          30 enableServiceLinks bool
          31 preemptionPolicy string enum=PreemptLowerPriority|Never
          32 overhead {}quantity
          33 topologySpreadConstraints []TopologySpreadConstraint keys=topologyKey,whenUnsatisfiable merge=topologyKey
          35 setHostnameAsFQDN bool
          36 os PodOS
          37 hostUsers bool
          38 schedulingGates []PodSchedulingGate keys=name merge=name
          39 resourceClaims []PodResourceClaim keys=name merge=name retainKeys
        PodSecurityContext -- Privileges of all containers of a pod.
          1 seLinuxOptions SELinuxOptions
          8 windowsOptions WindowsSecurityContextOptions
          2 runAsUser int64
          6 runAsGroup int64
          3 runAsNonRoot bool
          4 supplementalGroups []int64
          12 supplementalGroupsPolicy string enum=Merge|Strict
          5 fsGroup int64
          7 sysctls []Sysctl
          9 fsGroupChangePolicy string enum=OnRootMismatch|Always
          10 seccompProfile SeccompProfile
          11 appArmorProfile AppArmorProfile
        Sysctl
          1 name string required
          2 value string required
        HostAlias
          1 ip string required
          2 hostnames []string
        PodDNSConfig
          1 nameservers []string
          2 searches []string
          3 options []PodDNSConfigOption
        PodDNSConfigOption
          1 name string
          2 value string
        PodReadinessGate
          1 conditionType string required
        PodOS
          1 name string required
        PodSchedulingGate
          1 name string required
        PodResourceClaim
          1 name string required
          3 resourceClaimName string
          4 resourceClaimTemplateName string
        PodStatus -- What is known about a running pod.
          1 phase string enum=Pending|Running|Succeeded|Failed|Unknown -- Pending, Running, Succeeded, Failed or Unknown.
          2 conditions []PodCondition keys=type merge=type -- Scheduled, initialized, containers ready, ready.
          3 message string -- Why the pod is in this state, for people.
          4 reason string -- Why the pod is in this state, as one word.
          11 nominatedNodeName string
          5 hostIP string -- Address of the node.
          16 hostIPs []HostIP merge=ip
          6 podIP string -- Address of the pod; empty until it has one.
          12 podIPs []PodIP keys=ip merge=ip
          7 startTime time -- When the node took the pod.
          10 initContainerStatuses []ContainerStatus -- State of each init container.
          8 containerStatuses []ContainerStatus -- State of each container.
          9 qosClass string enum=Guaranteed|Burstable|BestEffort
          13 ephemeralContainerStatuses []ContainerStatus
          14 resize string
          15 resourceClaimStatuses []PodResourceClaimStatus keys=name merge=name retainKeys
        PodCondition
          1 type string required
          2 status string required
          3 lastProbeTime time
          4 lastTransitionTime time
          5 reason string
          6 message string
        HostIP
          1 ip string required
        PodIP
          1 ip string required
        ContainerStatus
          1 name string required
          2 state ContainerState
          3 lastState ContainerState
          4 ready bool required
          5 restartCount int32 required
          6 image string required
          7 imageID string required
          8 containerID string
          9 started bool
          10 allocatedResources {}quantity
          11 resources ResourceRequirements
          12 volumeMounts []VolumeMountStatus keys=mountPath merge=mountPath
          13 user ContainerUser
          14 allocatedResourcesStatus []ResourceStatus keys=name merge=name
        ContainerState
          1 waiting ContainerStateWaiting
          2 running ContainerStateRunning
          3 terminated ContainerStateTerminated
        ContainerStateWaiting
          1 reason string
          2 message string
        ContainerStateRunning
          1 startedAt time
        ContainerStateTerminated
          1 exitCode int32 required
          2 signal int32
          3 reason string
          4 message string
          5 startedAt time
          6 finishedAt time
          7 containerID string
        VolumeMountStatus
          1 name string required
          2 mountPath string required
          3 readOnly bool
          4 recursiveReadOnly string
        ContainerUser
          1 linux LinuxContainerUser
        LinuxContainerUser
          1 uid int64 required
          2 gid int64 required
          3 supplementalGroups []int64
        ResourceStatus
          1 name string required
          2 resources []ResourceHealth keys=resourceID
        ResourceHealth
          1 resourceID string required
          2 health string
        PodResourceClaimStatus
          1 name string required
          2 resourceClaimName string
        PodTemplateSpec -- What pods are made from.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec PodSpec -- What is wanted.
        """;
}
