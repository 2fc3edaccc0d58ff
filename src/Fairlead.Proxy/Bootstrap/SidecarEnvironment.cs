using Fairlead.Xds.Json;
using Fairlead.Xds.Names;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>What Istio's injection gives a sidecar: environment variables and files of the pod. Read once at start.</summary>
internal sealed class SidecarEnvironment
{
    public const string LabelsPath = "/etc/istio/pod/labels";
    public const string AnnotationsPath = "/etc/istio/pod/annotations";
    public const string TokenPath = "/var/run/secrets/tokens/istio-token";
    public const string RootCertificatePath = "/var/run/secrets/istio/root-cert.pem";
    public const string DefaultDiscoveryAddress = "istiod.istio-system.svc:15012";

    private const string MetadataPrefix = "ISTIO_META_";

    private SidecarEnvironment(IReadOnlyDictionary<string, string> variables, ConfigNode.Map proxyConfig)
    {
        Variables = variables;
        ProxyConfig = proxyConfig;
    }

    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>The PROXY_CONFIG variable: Istio's ProxyConfig as YAML or JSON.</summary>
    public ConfigNode.Map ProxyConfig { get; }

    public SortedDictionary<string, string> Labels { get; private init; } = [];

    public SortedDictionary<string, string> Annotations { get; private init; } = [];

    public string Pod => Variables.GetValueOrDefault("POD_NAME", string.Empty);

    public string Namespace => Variables.GetValueOrDefault("POD_NAMESPACE", string.Empty);

    public string InstanceAddress => Variables.GetValueOrDefault("INSTANCE_IP", string.Empty).Split(',')[0];

    public string DiscoveryAddress => Text("discoveryAddress") ?? DefaultDiscoveryAddress;

    public string TrustDomain => Variables.GetValueOrDefault("TRUST_DOMAIN", "cluster.local");

    /// <summary>ISTIO_META_* without the prefix.</summary>
    public IEnumerable<KeyValuePair<string, string>> Metadata => Variables
        .Where(variable => variable.Key.StartsWith(MetadataPrefix, StringComparison.Ordinal))
        .Select(variable => KeyValuePair.Create(variable.Key[MetadataPrefix.Length..], variable.Value));

    /// <param name="variables">The process's environment.</param>
    /// <param name="readFile">Null = the file does not exist.</param>
    /// <param name="errors">Receives what is missing or malformed.</param>
    public static SidecarEnvironment Read(IReadOnlyDictionary<string, string> variables, Func<string, string?> readFile, List<string> errors)
    {
        foreach (var name in (string[])["POD_NAME", "POD_NAMESPACE", "INSTANCE_IP"])
        {
            if (string.IsNullOrEmpty(variables.GetValueOrDefault(name))) errors.Add($"the environment variable {name} is not set");
        }
        var labels = PodFiles.Parse(readFile(LabelsPath) ?? string.Empty);
        // The hash names a ReplicaSet, not a workload: Istio keeps it out of node metadata.
        labels.Remove("pod-template-hash");
        return new SidecarEnvironment(variables, ReadProxyConfig(variables.GetValueOrDefault("PROXY_CONFIG", string.Empty), errors))
        {
            Labels = labels,
            Annotations = PodFiles.Parse(readFile(AnnotationsPath) ?? string.Empty),
        };
    }

    public NodeId NodeId(string? domain) =>
        new("sidecar", InstanceAddress, $"{Pod}.{Namespace}", domain ?? $"{Namespace}.svc.cluster.local");

    /// <summary>A text of PROXY_CONFIG; null = not given.</summary>
    public string? Text(string key) => ProxyConfig[key] is ConfigNode.Scalar { Kind: not ConfigNode.ScalarKind.Null } scalar ? scalar.Text : null;

    /// <summary>A duration of PROXY_CONFIG; null = not given or malformed.</summary>
    public TimeSpan? Duration(string key)
    {
        if (Text(key) is not { Length: > 1 } text) return null;
        var (digits, unit) = text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], 0.001)
            : text.EndsWith('s') ? (text[..^1], 1.0)
            : text.EndsWith('m') ? (text[..^1], 60.0) : (string.Empty, 0.0);
        return double.TryParse(digits, System.Globalization.CultureInfo.InvariantCulture, out var value) ? TimeSpan.FromSeconds(value * unit) : null;
    }

    public int? Integer(string key) => int.TryParse(Text(key), out var value) ? value : null;

    private static ConfigNode.Map ReadProxyConfig(string text, List<string> errors)
    {
        if (string.IsNullOrWhiteSpace(text)) return new ConfigNode.Map();
        try
        {
            if (YamlText.Parse(text) is ConfigNode.Map map) return map;
            errors.Add("PROXY_CONFIG is not an object");
        }
        catch (FormatException e)
        {
            errors.Add($"PROXY_CONFIG: {e.Message}");
        }
        return new ConfigNode.Map();
    }
}
