namespace Fairlead.Config.Schemas;

/// <summary>Containers of a pod, with probes, environment and security context. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class ContainerSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Container -- One container: an image and how it is run.
          1 name string required -- Name of the container, unique in the pod.
          2 image string -- Image to run.
          3 command []string -- Program to run instead of the image's entry point; no shell.
          4 args []string -- Arguments of the program.
          5 workingDir string -- Directory to start in.
          6 ports []ContainerPort keys=containerPort,protocol merge=containerPort -- Ports that the container listens on; naming them does not open them.
          19 envFrom []EnvFromSource -- ConfigMaps and Secrets whose keys become environment variables.
          7 env []EnvVar keys=name merge=name -- Environment variables.
          8 resources ResourceRequirements -- Amounts of CPU and memory.
          23 resizePolicy []ContainerResizePolicy
          24 restartPolicy string -- Always makes an init container a sidecar that runs as long as the pod.
          9 volumeMounts []VolumeMount keys=mountPath merge=mountPath -- Volumes seen by the container.
          21 volumeDevices []VolumeDevice keys=devicePath merge=devicePath
          10 livenessProbe Probe -- Check after whose failure the container is started again.
          11 readinessProbe Probe -- Check that decides whether the pod gets traffic.
          22 startupProbe Probe -- Check that holds back the others until it succeeds.
          12 lifecycle Lifecycle -- Hooks after start and before stop.
          13 terminationMessagePath string
          20 terminationMessagePolicy string enum=File|FallbackToLogsOnError
          14 imagePullPolicy string enum=Always|Never|IfNotPresent -- Always, IfNotPresent or Never; Always for the tag latest, else IfNotPresent.
          15 securityContext SecurityContext -- Privileges of the container.
          16 stdin bool -- Whether standard input stays open.
          17 stdinOnce bool
          18 tty bool -- Whether the container has a terminal; needs stdin.
        ContainerPort -- A port of a container.
          1 name string -- Name that Services can target.
          2 hostPort int32
          3 containerPort int32 required -- Port number, 1 to 65535.
          4 protocol string enum=TCP|UDP|SCTP -- TCP, UDP or SCTP; TCP by default.
          5 hostIP string
        EnvFromSource
          1 prefix string
          2 configMapRef ConfigMapEnvSource
          3 secretRef SecretEnvSource
        ConfigMapEnvSource
          1 localObjectReference LocalObjectReference inline
          2 optional bool
        SecretEnvSource
          1 localObjectReference LocalObjectReference inline
          2 optional bool
        EnvVar -- An environment variable.
          1 name string required -- Name of the variable.
          2 value string -- Its value; $(NAME) stands for another variable.
          3 valueFrom EnvVarSource -- Where the value comes from instead.
        EnvVarSource
          1 fieldRef ObjectFieldSelector
          2 resourceFieldRef ResourceFieldSelector
          3 configMapKeyRef ConfigMapKeySelector
          4 secretKeyRef SecretKeySelector
        ConfigMapKeySelector
          1 localObjectReference LocalObjectReference inline
          2 key string required
          3 optional bool
        SecretKeySelector
          1 localObjectReference LocalObjectReference inline
          2 key string required
          3 optional bool
        ResourceRequirements -- Amounts that a container may use and is promised.
          1 limits {}quantity -- Most that may be used.
          2 requests {}quantity -- Least that is set aside.
          3 claims []ResourceClaim keys=name
        ResourceClaim
          1 name string required
          2 request string
        ContainerResizePolicy
          1 resourceName string required
          2 restartPolicy string required
        VolumeMount -- Where a volume appears in a container.
          1 name string required -- Name of the volume.
          2 readOnly bool -- Whether it may not be written.
          7 recursiveReadOnly string
          3 mountPath string required -- Path in the container.
          4 subPath string -- Part of the volume to mount instead of its root.
          5 mountPropagation string enum=None|HostToContainer|Bidirectional
          6 subPathExpr string
        VolumeDevice
          1 name string required
          2 devicePath string required
        Probe -- A periodic check of a container.
          1 handler ProbeHandler inline
          2 initialDelaySeconds int32 -- Seconds after the start before the first check.
          3 timeoutSeconds int32 -- Seconds until a check counts as failed; 1 by default.
          4 periodSeconds int32 -- Seconds between checks; 10 by default.
          5 successThreshold int32 -- Successes in a row that count; 1 by default.
          6 failureThreshold int32 -- Failures in a row that count; 3 by default.
          7 terminationGracePeriodSeconds int64
        ProbeHandler
          1 exec ExecAction
          2 httpGet HTTPGetAction
          3 tcpSocket TCPSocketAction
          4 grpc GRPCAction
        ExecAction -- A command in the container; exit code 0 is success.
          1 command []string
        HTTPGetAction -- A check by HTTP GET: 200 to 399 is success.
          1 path string
          2 port intorstring required
          3 host string
          4 scheme string enum=HTTP|HTTPS
          5 httpHeaders []HTTPHeader
        HTTPHeader
          1 name string required
          2 value string required
        TCPSocketAction -- A check by opening a connection.
          1 port intorstring required
          2 host string
        GRPCAction
          1 port int32 required
          2 service string
        Lifecycle
          1 postStart LifecycleHandler
          2 preStop LifecycleHandler
        LifecycleHandler
          1 exec ExecAction
          2 httpGet HTTPGetAction
          3 tcpSocket TCPSocketAction
          4 sleep SleepAction
        SleepAction
          1 seconds int64 required
        SecurityContext -- Privileges of one container; wins over the pod's.
          1 capabilities Capabilities -- Linux capabilities to add and drop.
          2 privileged bool -- Whether the container has all rights of the host.
          3 seLinuxOptions SELinuxOptions
          10 windowsOptions WindowsSecurityContextOptions
          4 runAsUser int64 -- User id of the process.
          8 runAsGroup int64 -- Group id of the process.
          5 runAsNonRoot bool
          6 readOnlyRootFilesystem bool -- Whether the root file system may not be written.
          7 allowPrivilegeEscalation bool
          9 procMount string enum=Default|Unmasked
          11 seccompProfile SeccompProfile
          12 appArmorProfile AppArmorProfile
        Capabilities
          1 add []string
          2 drop []string
        SELinuxOptions
          1 user string
          2 role string
          3 type string
          4 level string
        WindowsSecurityContextOptions
          1 gmsaCredentialSpecName string
          2 gmsaCredentialSpec string
          3 runAsUserName string
          4 hostProcess bool
        SeccompProfile
          1 type string required enum=Unconfined|RuntimeDefault|Localhost
          2 localhostProfile string
        AppArmorProfile
          1 type string required enum=Unconfined|RuntimeDefault|Localhost
          2 localhostProfile string
        EphemeralContainer
          1 ephemeralContainerCommon EphemeralContainerCommon inline
          2 targetContainerName string
        EphemeralContainerCommon
          1 name string required
          2 image string
          3 command []string
          4 args []string
          5 workingDir string
          6 ports []ContainerPort keys=containerPort,protocol merge=containerPort
          19 envFrom []EnvFromSource
          7 env []EnvVar keys=name merge=name
          8 resources ResourceRequirements
          23 resizePolicy []ContainerResizePolicy
          24 restartPolicy string
          9 volumeMounts []VolumeMount keys=mountPath merge=mountPath
          21 volumeDevices []VolumeDevice keys=devicePath merge=devicePath
          10 livenessProbe Probe
          11 readinessProbe Probe
          22 startupProbe Probe
          12 lifecycle Lifecycle
          13 terminationMessagePath string
          20 terminationMessagePolicy string enum=File|FallbackToLogsOnError
          14 imagePullPolicy string enum=Always|Never|IfNotPresent
          15 securityContext SecurityContext
          16 stdin bool
          17 stdinOnce bool
          18 tty bool
        """;
}
