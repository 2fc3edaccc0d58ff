using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Schemas;

/// <summary>
/// The fields of the built-in kinds, read once from the embedded inventory <c>builtin.fields</c>: one line
/// <c>@message [atomic]</c>, then a line <c>name number type [flags]</c> per field. Types: scalars, <c>[]</c> lists,
/// <c>{}</c> maps with text keys, message names. One table serves protobuf bodies, strict decoding, strategic merge,
/// server-side apply and OpenAPI. Source: field names, numbers and merge rules of Kubernetes 1.31's published protos.
/// </summary>
public static class BuiltinSchemas
{
    private static readonly FrozenDictionary<string, MessageSchema> Messages = Load();

    private static readonly FrozenDictionary<string, string> Packages = new Dictionary<string, string>
    {
        [""] = "io.k8s.api.core.",
        ["apps"] = "io.k8s.api.apps.",
        ["autoscaling"] = "io.k8s.api.autoscaling.",
        ["discovery.k8s.io"] = "io.k8s.api.discovery.",
        ["coordination.k8s.io"] = "io.k8s.api.coordination.",
        ["admissionregistration.k8s.io"] = "io.k8s.api.admissionregistration.",
        ["authentication.k8s.io"] = "io.k8s.api.authentication.",
        ["authorization.k8s.io"] = "io.k8s.api.authorization.",
        ["apiextensions.k8s.io"] = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.",
        ["meta.k8s.io"] = "io.k8s.apimachinery.pkg.apis.meta.",
    }.ToFrozenDictionary();

    public static MessageSchema ObjectMeta { get; } = Messages["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"];

    public static IEnumerable<MessageSchema> All => Messages.Values;

    /// <summary>The message of a kind; null for kinds that are not built in (Istio's).</summary>
    public static MessageSchema? Find(string group, string version, string kind) =>
        Packages.TryGetValue(group, out var package) ? Messages.GetValueOrDefault($"{package}{version}.{kind}") : null;

    public static MessageSchema? Find(KindDescriptor kind) => Find(kind.Group, kind.StorageVersion, kind.Kind);

    public static bool TryGet(string name, [NotNullWhen(true)] out MessageSchema? schema) => Messages.TryGetValue(name, out schema);

    private static FrozenDictionary<string, MessageSchema> Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("builtin.fields")
            ?? throw new InvalidOperationException("the field inventory is not embedded");
        using var reader = new StreamReader(stream);
        var all = new Dictionary<string, MessageSchema>(StringComparer.Ordinal);
        MessageSchema? current = null;
        while (reader.ReadLine() is { } line)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words[0][0] == '@')
            {
                current = new MessageSchema(words[0][1..], words.Contains("atomic"));
                all[current.Name] = current;
                continue;
            }
            current!.Add(ParseField(words));
        }
        foreach (var message in all.Values)
            message.Link(all);
        foreach (var message in all.Values)
            message.IndexNames();
        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FieldSchema ParseField(string[] words)
    {
        var type = words[2];
        var cardinality = Cardinality.One;
        if (type.StartsWith("[]", StringComparison.Ordinal))
            (cardinality, type) = (Cardinality.List, type[2..]);
        else if (type.StartsWith("{}", StringComparison.Ordinal))
            (cardinality, type) = (Cardinality.Map, type[2..]);
        // A map of lists of text (SubjectAccessReview's extra) is read as free JSON.
        var kind = type.StartsWith("[]", StringComparison.Ordinal) ? FieldKind.Json : KindOf(type);
        var flags = words.Skip(3).Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "");
        var strategy = flags.GetValueOrDefault("strategy", "");
        return new FieldSchema(words[0], int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture), kind, cardinality)
        {
            MessageName = kind == FieldKind.Message ? type : "",
            Inline = flags.ContainsKey("inline"),
            MergeKey = flags.GetValueOrDefault("merge", ""),
            Merges = strategy.Split(',').Contains("merge"),
            RetainsKeys = strategy.Split(',').Contains("retainKeys"),
            ListType = flags.GetValueOrDefault("list", "atomic"),
            MapKeys = flags.TryGetValue("keys", out var keys) ? keys.Split(',') : [],
            Atomic = flags.GetValueOrDefault("maptype") == "atomic" || flags.GetValueOrDefault("struct") == "atomic",
        };
    }

    private static FieldKind KindOf(string type) => type switch
    {
        "string" => FieldKind.Text,
        "int32" => FieldKind.Int32,
        "int64" => FieldKind.Int64,
        "bool" => FieldKind.Bool,
        "double" => FieldKind.Double,
        "bytes" => FieldKind.Bytes,
        "time" => FieldKind.Time,
        "microtime" => FieldKind.MicroTime,
        "quantity" => FieldKind.Quantity,
        "intorstring" => FieldKind.IntOrString,
        "raw" or "fields" or "json" or "any" => FieldKind.Json,
        _ when type.Contains('.') => FieldKind.Message,
        _ => throw new InvalidOperationException($"the field inventory names an unknown type {type}"),
    };
}
