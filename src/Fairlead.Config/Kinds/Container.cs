using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A container of a pod; also an init container (a sidecar when its restart policy is Always).</summary>
public sealed record Container(string Name, string Image)
{
    /// <summary>Replaces the image's entry point when not empty.</summary>
    public ValueList<string> Command { get; init; } = ValueList<string>.Empty;

    public ValueList<string> Args { get; init; } = ValueList<string>.Empty;
    public string WorkingDir { get; init; } = "";
    public ValueList<ContainerPort> Ports { get; init; } = ValueList<ContainerPort>.Empty;
    public ValueList<EnvVar> Env { get; init; } = ValueList<EnvVar>.Empty;
    public ValueList<EnvFrom> EnvFrom { get; init; } = ValueList<EnvFrom>.Empty;
    public ValueMap<string> Limits { get; init; } = ValueMap<string>.Empty;
    public ValueMap<string> Requests { get; init; } = ValueMap<string>.Empty;
    public ValueList<VolumeMount> VolumeMounts { get; init; } = ValueList<VolumeMount>.Empty;
    public Probe? LivenessProbe { get; init; }
    public Probe? ReadinessProbe { get; init; }
    public Probe? StartupProbe { get; init; }
    public ProbeAction? PostStart { get; init; }
    public ProbeAction? PreStop { get; init; }
    public string ImagePullPolicy { get; init; } = "";
    public ContainerSecurityContext SecurityContext { get; init; } = new();
    public bool Stdin { get; init; }
    public bool StdinOnce { get; init; }
    public bool Tty { get; init; }
    public string TerminationMessagePath { get; init; } = "/dev/termination-log";
    public string TerminationMessagePolicy { get; init; } = "File";

    /// <summary>Init containers only: Always makes it a sidecar.</summary>
    public string RestartPolicy { get; init; } = "";

    public static Container Read(JsonObject node) => new(node.Text("name"), node.Text("image"))
    {
        Command = node.TextList("command"),
        Args = node.TextList("args"),
        WorkingDir = node.Text("workingDir"),
        Ports = node.List("ports", ContainerPort.Read),
        Env = node.List("env", EnvVar.Read),
        EnvFrom = node.List("envFrom", Kinds.EnvFrom.Read),
        Limits = Quantities(node.Object("resources"), "limits"),
        Requests = Quantities(node.Object("resources"), "requests"),
        VolumeMounts = node.List("volumeMounts", VolumeMount.Read),
        LivenessProbe = node.Optional("livenessProbe", Probe.Read),
        ReadinessProbe = node.Optional("readinessProbe", Probe.Read),
        StartupProbe = node.Optional("startupProbe", Probe.Read),
        PostStart = node.Object("lifecycle").Optional("postStart", ProbeAction.Read),
        PreStop = node.Object("lifecycle").Optional("preStop", ProbeAction.Read),
        ImagePullPolicy = node.Text("imagePullPolicy"),
        SecurityContext = ContainerSecurityContext.Read(node.Object("securityContext")),
        Stdin = node.Flag("stdin"),
        StdinOnce = node.Flag("stdinOnce"),
        Tty = node.Flag("tty"),
        TerminationMessagePath = node.OptionalText("terminationMessagePath") ?? "/dev/termination-log",
        TerminationMessagePolicy = node.OptionalText("terminationMessagePolicy") ?? "File",
        RestartPolicy = node.Text("restartPolicy"),
    };

    // A quantity may be written as a number.
    private static ValueMap<string> Quantities(JsonObject? resources, string field)
    {
        if (resources.Object(field) is not { } amounts)
            return ValueMap<string>.Empty;
        return amounts.Where(entry => entry.Value is JsonValue)
            .Select(entry => KeyValuePair.Create(entry.Key, JsonFields.TextOf(entry.Value) ?? entry.Value!.ToJsonString()))
            .ToValueMap();
    }
}

public sealed record ContainerPort(string Name, int Number, string Transport, int HostPort, string HostIp)
{
    public static ContainerPort Read(JsonObject node) =>
        new(node.Text("name"), node.Int("containerPort"), node.OptionalText("protocol") ?? "TCP", node.Int("hostPort"), node.Text("hostIP"));
}

/// <summary>A variable: its value, or where the value comes from (at most one source is set).</summary>
public sealed record EnvVar(string Name, string Value)
{
    /// <summary>A field of the pod: <c>metadata.name</c>, <c>status.podIP</c> ...; empty when not used.</summary>
    public string FieldPath { get; init; } = "";

    public KeyReference? ConfigMapKey { get; init; }
    public KeyReference? SecretKey { get; init; }
    public ResourceFieldReference? ResourceField { get; init; }

    public static EnvVar Read(JsonObject node)
    {
        var source = node.Object("valueFrom");
        return new EnvVar(node.Text("name"), node.Text("value"))
        {
            FieldPath = source.Object("fieldRef").Text("fieldPath"),
            ConfigMapKey = source.Optional("configMapKeyRef", KeyReference.Read),
            SecretKey = source.Optional("secretKeyRef", KeyReference.Read),
            ResourceField = source.Optional("resourceFieldRef", ResourceFieldReference.Read),
        };
    }
}

public sealed record KeyReference(string Name, string Key, bool Optional)
{
    public static KeyReference Read(JsonObject node) => new(node.Text("name"), node.Text("key"), node.Flag("optional"));
}

/// <summary>An amount of a container: <c>limits.cpu</c>, <c>requests.memory</c> ..., in units of the divisor.</summary>
public sealed record ResourceFieldReference(string ContainerName, string Resource, string Divisor)
{
    public static ResourceFieldReference Read(JsonObject node) =>
        new(node.Text("containerName"), node.Text("resource"), node.OptionalText("divisor") ?? (JsonFields.IntegerOf(node["divisor"])?.ToString() ?? ""));
}

/// <summary>All keys of a ConfigMap or Secret as variables; the other name is empty.</summary>
public sealed record EnvFrom(string Prefix, string ConfigMapName, string SecretName, bool Optional)
{
    public static EnvFrom Read(JsonObject node) => new(
        node.Text("prefix"),
        node.Object("configMapRef").Text("name"),
        node.Object("secretRef").Text("name"),
        node.Object("configMapRef").Flag("optional") || node.Object("secretRef").Flag("optional"));
}

public sealed record VolumeMount(string Name, string MountPath, string SubPath, string SubPathExpr, bool ReadOnly)
{
    public static VolumeMount Read(JsonObject node) =>
        new(node.Text("name"), node.Text("mountPath"), node.Text("subPath"), node.Text("subPathExpr"), node.Flag("readOnly"));
}

/// <summary>A periodic check of a container; seconds.</summary>
public sealed record Probe(ProbeAction Action)
{
    public int InitialDelaySeconds { get; init; }
    public int TimeoutSeconds { get; init; } = 1;
    public int PeriodSeconds { get; init; } = 10;
    public int SuccessThreshold { get; init; } = 1;
    public int FailureThreshold { get; init; } = 3;
    public int? TerminationGracePeriodSeconds { get; init; }

    public static Probe Read(JsonObject node) => new(ProbeAction.Read(node))
    {
        InitialDelaySeconds = node.Int("initialDelaySeconds"),
        TimeoutSeconds = node.OptionalInt("timeoutSeconds") ?? 1,
        PeriodSeconds = node.OptionalInt("periodSeconds") ?? 10,
        SuccessThreshold = node.OptionalInt("successThreshold") ?? 1,
        FailureThreshold = node.OptionalInt("failureThreshold") ?? 3,
        TerminationGracePeriodSeconds = node.OptionalInt("terminationGracePeriodSeconds"),
    };
}

/// <summary>What a probe or lifecycle hook does; exactly one is set in valid config.</summary>
public sealed record ProbeAction
{
    /// <summary>Null: no command.</summary>
    public ValueList<string>? Exec { get; init; }

    public HttpGetAction? HttpGet { get; init; }
    public SocketAction? TcpSocket { get; init; }
    public GrpcAction? Grpc { get; init; }
    public int? SleepSeconds { get; init; }

    public static ProbeAction Read(JsonObject node) => new()
    {
        Exec = node.Object("exec")?.TextList("command"),
        HttpGet = node.Optional("httpGet", HttpGetAction.Read),
        TcpSocket = node.Optional("tcpSocket", item => new SocketAction(IntOrText.Read(item["port"]), item.Text("host"))),
        Grpc = node.Optional("grpc", item => new GrpcAction(item.Int("port"), item.Text("service"))),
        SleepSeconds = node.Object("sleep")?.Int("seconds"),
    };
}

public sealed record HttpGetAction(string Path, IntOrText Port, string Host, string Scheme, ValueList<KeyValuePair<string, string>> Headers)
{
    public static HttpGetAction Read(JsonObject node) => new(
        node.OptionalText("path") ?? "/",
        IntOrText.Read(node["port"]),
        node.Text("host"),
        node.OptionalText("scheme") ?? "HTTP",
        node.List("httpHeaders", item => KeyValuePair.Create(item.Text("name"), item.Text("value"))));
}

public sealed record SocketAction(IntOrText Port, string Host);

public sealed record GrpcAction(int Port, string Service);

/// <summary>Privileges of a container; null takes the pod's value or the runtime's default.</summary>
public sealed record ContainerSecurityContext
{
    public long? RunAsUser { get; init; }
    public long? RunAsGroup { get; init; }
    public bool? RunAsNonRoot { get; init; }
    public bool? ReadOnlyRootFilesystem { get; init; }
    public bool? AllowPrivilegeEscalation { get; init; }
    public bool Privileged { get; init; }
    public ValueList<string> AddedCapabilities { get; init; } = ValueList<string>.Empty;
    public ValueList<string> DroppedCapabilities { get; init; } = ValueList<string>.Empty;

    public static ContainerSecurityContext Read(JsonObject? node) => new()
    {
        RunAsUser = node.OptionalInteger("runAsUser"),
        RunAsGroup = node.OptionalInteger("runAsGroup"),
        RunAsNonRoot = node.OptionalFlag("runAsNonRoot"),
        ReadOnlyRootFilesystem = node.OptionalFlag("readOnlyRootFilesystem"),
        AllowPrivilegeEscalation = node.OptionalFlag("allowPrivilegeEscalation"),
        Privileged = node.Flag("privileged"),
        AddedCapabilities = node.Object("capabilities").TextList("add"),
        DroppedCapabilities = node.Object("capabilities").TextList("drop"),
    };
}
