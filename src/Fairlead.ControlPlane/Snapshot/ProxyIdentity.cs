using System.Globalization;
using System.Text.Json.Nodes;
using Envoy.Config.Core.V3;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// Who asks: what a proxy says of itself when its stream begins (Istio node id <c>type~ip~pod.namespace~domain</c> and node metadata).
/// It does not change while the stream lives.
/// </summary>
public sealed record ProxyIdentity(string Id, string Ip, string Pod, string Namespace)
{
    public ValueMap<string> Labels { get; init; } = ValueMap<string>.Empty;

    /// <summary>The scalars of the node's metadata; nested values are left out.</summary>
    public ValueMap<string> Metadata { get; init; } = ValueMap<string>.Empty;

    /// <summary><c>PROXY_CONFIG</c>: the ProxyConfig that the proxy was started with; null when it does not say.</summary>
    public ProxySettings? ProxyConfig { get; init; }

    /// <summary><c>DNS_CAPTURE</c>: names resolve to the mesh's own addresses, so listeners use them.</summary>
    public bool CapturesDns => Flag("DNS_CAPTURE");

    public bool AcceptsHttp10 => Metadata.GetValueOrDefault("HTTP10") == "1" || Flag("HTTP10");

    /// <summary><c>IDLE_TIMEOUT</c>; null when unset or unreadable.</summary>
    public TimeSpan? IdleTimeout => Metadata.TryGetValue("IDLE_TIMEOUT", out var text) && Config.Primitives.Duration.TryParse(text, out var idle) ? idle : null;

    public bool UsesIpv6 => Ip.Contains(':', StringComparison.Ordinal);

    /// <summary>Addresses of the pod: the id's first, then <c>INSTANCE_IPS</c>.</summary>
    public IEnumerable<string> Addresses => (Metadata.TryGetValue("INSTANCE_IPS", out var list) ? list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [])
        .Prepend(Ip)
        .Distinct(StringComparer.Ordinal);

    /// <summary>Null, with <paramref name="error"/>, when the id does not have Istio's four parts.</summary>
    public static ProxyIdentity? FromNode(Node node, out string error)
    {
        var parts = node.Id.Split('~');
        var dot = parts.Length == 4 ? parts[2].LastIndexOf('.') : -1;
        if (dot <= 0 || parts[1].Length == 0)
        {
            error = $"node id \"{node.Id}\" is not <type>~<ip>~<pod>.<namespace>~<domain>; set it as Istio's agent does";
            return null;
        }

        error = "";
        var metadata = node.Metadata ?? new Struct();
        return new ProxyIdentity(node.Id, parts[1], parts[2][..dot], parts[2][(dot + 1)..])
        {
            Labels = metadata.Fields.TryGetValue("LABELS", out var labels) && labels.StructValue is { } map ? Scalars(map) : ValueMap<string>.Empty,
            Metadata = Scalars(metadata),
            ProxyConfig = metadata.Fields.TryGetValue("PROXY_CONFIG", out var config) && config.StructValue is { } settings
                ? ProxySettings.Read((JsonObject?)JsonNode.Parse(JsonFormatter.Default.Format(settings)))
                : null,
        };
    }

    private static ValueMap<string> Scalars(Struct fields) => fields.Fields
        .Select(field => (field.Key, Text: field.Value.KindCase switch
        {
            Value.KindOneofCase.StringValue => field.Value.StringValue,
            Value.KindOneofCase.BoolValue => field.Value.BoolValue ? "true" : "false",
            Value.KindOneofCase.NumberValue => field.Value.NumberValue.ToString("R", CultureInfo.InvariantCulture),
            _ => null,
        }))
        .Where(field => field.Text is not null)
        .Select(field => KeyValuePair.Create(field.Key, field.Text!))
        .ToValueMap();

    private bool Flag(string key) => Metadata.TryGetValue(key, out var text) && bool.TryParse(text, out var set) && set;
}
