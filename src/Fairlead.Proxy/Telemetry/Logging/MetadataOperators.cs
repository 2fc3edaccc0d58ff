using System.Text.Json;
using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>
/// Operators about the metadata of what was configured: <c>CLUSTER_METADATA(NAMESPACE:KEY:KEY)</c> and its kin. A text prints as it is, anything
/// else as JSON. No filter of this proxy writes dynamic metadata or filter state: those operators are known, and always unset.
/// </summary>
internal static class MetadataOperators
{
    private delegate Metadata? Source(StreamInfo info);

    public static void AddTo(OperatorTable table)
    {
        table.AddCommon("CLUSTER_METADATA", argument => Value("CLUSTER_METADATA", OfCluster, argument));
        table.AddCommon("UPSTREAM_METADATA", argument => Value("UPSTREAM_METADATA", OfUpstreamHost, argument));
        table.AddCommon("DYNAMIC_METADATA", argument => Value("DYNAMIC_METADATA", None, argument));
        table.AddCommon("METADATA", ByType);
        table.Add("FILTER_STATE", argument => FilterState("FILTER_STATE", argument));
        table.Add("UPSTREAM_FILTER_STATE", argument => FilterState("UPSTREAM_FILTER_STATE", argument));
    }

    // METADATA(TYPE:NAMESPACE:KEY:KEY)
    private static ValueSource ByType(string? argument)
    {
        var type = (argument ?? string.Empty).Split(':', 2);
        Source source = type[0] switch
        {
            "DYNAMIC" => None,
            "CLUSTER" => OfCluster,
            "ROUTE" => static info => info.Route?.Metadata,
            "VIRTUAL_HOST" => static info => info.Route?.Parent?.Metadata,
            "UPSTREAM_HOST" => OfUpstreamHost,
            "LISTENER" => static info => info.Connection?.Parent?.Metadata,
            "LISTENER_FILTER_CHAIN" => static info => info.Connection?.Metadata,
            var other => throw new FormatException(
                $"%METADATA%: '{other}' is not DYNAMIC, CLUSTER, ROUTE, VIRTUAL_HOST, UPSTREAM_HOST, LISTENER or LISTENER_FILTER_CHAIN"),
        };
        return Value("METADATA", source, type.Length > 1 ? type[1] : null);
    }

    private static Metadata? OfCluster(StreamInfo info) => info.Cluster?.Metadata;

    private static Metadata? OfUpstreamHost(StreamInfo info) => info.UpstreamEndpoint?.Metadata;

    private static Metadata? None(StreamInfo info) => null;

    private static ValueSource Value(string command, Source source, string? argument)
    {
        var (space, keys) = Path(command, argument);
        return new ValueSource(
            ValueKind.Other,
            (ref Utf8Writer writer, StreamInfo info) =>
            {
                if (Find(source(info), space, keys) is not { } value) return;
                if (value.HasStringValue) writer.Write(value.StringValue);
                else JsonText.Write(ref writer, value);
            },
            Structure: info => Find(source(info), space, keys));
    }

    /// <summary>"NAMESPACE:KEY:KEY", or the list that header formats had before: ["NAMESPACE", "KEY"].</summary>
    private static (string Space, string[] Keys) Path(string command, string? argument)
    {
        if (string.IsNullOrEmpty(argument)) throw new FormatException($"%{command}% needs a namespace of metadata: %{command}(NAMESPACE:KEY)%");
        var parts = argument.StartsWith('[') ? List(command, argument) : argument.Split(':');
        return (parts[0], parts[1..]);
    }

    private static string[] List(string command, string argument)
    {
        try
        {
            using var document = JsonDocument.Parse(argument);
            var parts = document.RootElement.EnumerateArray().Select(part => part.GetString() ?? string.Empty).ToArray();
            return parts.Length > 0 ? parts : throw new FormatException($"%{command}%: the list is empty");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException($"%{command}%: {argument} is not a list of texts", e);
        }
    }

    /// <summary>Null = unset, which a null value is, too.</summary>
    private static Value? Find(Metadata? metadata, string space, string[] keys)
    {
        if (metadata is null || !metadata.FilterMetadata.TryGetValue(space, out var fields)) return null;
        if (keys.Length == 0) return new Value { StructValue = fields };
        Value? value = null;
        foreach (var key in keys)
        {
            if (value is not null) fields = value.StructValue;
            if (fields is null || !fields.Fields.TryGetValue(key, out value)) return null;
        }
        return value!.KindCase is Google.Protobuf.WellKnownTypes.Value.KindOneofCase.NullValue or Google.Protobuf.WellKnownTypes.Value.KindOneofCase.None ? null : value;
    }

    // FILTER_STATE(KEY:PLAIN|TYPED|FIELD:NAME)
    private static WriteValue FilterState(string command, string? argument)
    {
        var parts = (argument ?? string.Empty).Split(':');
        if (parts[0].Length == 0) throw new FormatException($"%{command}% needs a key: %{command}(KEY:PLAIN)%");
        var isKnown = parts is [_] or [_, "PLAIN" or "TYPED"] or [_, "FIELD", { Length: > 0 }];
        if (!isKnown) throw new FormatException($"%{command}({argument})%: KEY is followed by PLAIN, TYPED or FIELD:NAME");
        return static (ref Utf8Writer _, StreamInfo _) => { };
    }
}
