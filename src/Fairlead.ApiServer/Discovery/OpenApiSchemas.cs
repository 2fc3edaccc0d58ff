using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Schemas;
using Fairlead.Config.Kinds;
using ObjectSchema = Fairlead.Config.Schemas.ObjectSchema;
using SchemaTable = Fairlead.Config.Schemas.SchemaTable;

namespace Fairlead.ApiServer.Discovery;

/// <summary>JSON schemas of the served kinds, from the field inventory, in the shapes of OpenAPI v2 or v3.</summary>
internal static class OpenApiSchemas
{
    private const string MetaPrefix = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    /// <summary>What Fairlead.Config says of the objects that it knows, by full name.</summary>
    private static readonly Lazy<Dictionary<string, ObjectSchema>> Described =
        new(() => SchemaTable.Objects.DistinctBy(one => one.FullName).ToDictionary(one => one.FullName, StringComparer.Ordinal));

    /// <summary>Adds the schema of a kind and of all that it refers to.</summary>
    public static void AddKind(JsonObject schemas, KindDescriptor kind, string version, string reference)
    {
        var message = BuiltinSchemas.Find(kind.Group, version, kind.Kind);
        var name = message?.Name ?? CustomName(kind, version);
        var schema = message is null ? Custom(kind, version, reference) : Of(message, reference);
        var properties = schema.Ensure("properties");
        properties["apiVersion"] = new JsonObject { ["type"] = "string", ["description"] = "The version of the schema of this object." };
        properties["kind"] = new JsonObject { ["type"] = "string", ["description"] = "The kind of this object." };
        schema["x-kubernetes-group-version-kind"] = new JsonArray(GroupVersionKind(kind, version));
        schemas[name] = schema;
        AddReferences(schemas, message ?? BuiltinSchemas.ObjectMeta, reference);
        if (message is null)
            schemas.TryAdd(BuiltinSchemas.ObjectMeta.Name, Of(BuiltinSchemas.ObjectMeta, reference));
    }

    public static JsonObject GroupVersionKind(KindDescriptor kind, string version) =>
        new() { ["group"] = kind.Group, ["version"] = version, ["kind"] = kind.Kind };

    public static string NameOf(KindDescriptor kind, string version) =>
        BuiltinSchemas.Find(kind.Group, version, kind.Kind)?.Name ?? CustomName(kind, version);

    /// <summary><c>networking.istio.io</c> is named <c>io.istio.networking</c>, as a CRD's schema is.</summary>
    private static string CustomName(KindDescriptor kind, string version) =>
        $"{string.Join('.', kind.Group.Split('.').Reverse())}.{version}.{kind.Kind}";

    private static void AddReferences(JsonObject schemas, MessageSchema message, string reference)
    {
        foreach (var inner in message.Fields.Select(field => field.Message).OfType<MessageSchema>())
        {
            if (schemas.ContainsKey(inner.Name))
                continue;
            schemas[inner.Name] = Of(inner, reference);
            AddReferences(schemas, inner, reference);
        }
    }

    private static JsonObject Custom(KindDescriptor kind, string version, string reference)
    {
        var properties = CustomSchema.Properties(kind, version);
        properties["metadata"] = Reference(BuiltinSchemas.ObjectMeta.Name, reference);
        return new JsonObject { ["type"] = "object", ["description"] = CustomSchema.Description(kind, version), ["properties"] = properties };
    }

    private static JsonObject Of(MessageSchema message, string reference)
    {
        var properties = new JsonObject();
        var described = Described.Value.GetValueOrDefault(message.Name);
        foreach (var field in message.JsonFields.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            var property = Field(field, reference);
            if (described?.ByName.GetValueOrDefault(field.Name)?.Description is { Length: > 0 } text)
                property["description"] = text;
            properties[field.Name] = property;
        }
        var schema = new JsonObject { ["type"] = "object", ["description"] = Describe(message) };
        if (properties.Count > 0)
            schema["properties"] = properties;
        if (message.Atomic)
            schema["x-kubernetes-map-type"] = "atomic";
        return schema;
    }

    private static string Describe(MessageSchema message) =>
        message.Name.StartsWith(MetaPrefix, StringComparison.Ordinal)
            ? $"{message.Name[MetaPrefix.Length..]} of meta/v1; field by field in the Kubernetes API reference."
            : $"{message.Name[(message.Name.LastIndexOf('.') + 1)..]}; field by field in the Kubernetes API reference.";

    private static JsonObject Field(FieldSchema field, string reference)
    {
        var value = Value(field, reference);
        switch (field.Cardinality)
        {
            case Cardinality.Map:
                var map = new JsonObject { ["type"] = "object", ["additionalProperties"] = value };
                if (field.Atomic)
                    map["x-kubernetes-map-type"] = "atomic";
                return map;
            case Cardinality.List:
                var list = new JsonObject { ["type"] = "array", ["items"] = value, ["x-kubernetes-list-type"] = field.ListType };
                if (field.MapKeys.Count > 0)
                    list["x-kubernetes-list-map-keys"] = JsonPath.TextArray(field.MapKeys);
                AddStrategy(list, field);
                return list;
            default:
                AddStrategy(value, field);
                return value;
        }
    }

    private static void AddStrategy(JsonObject schema, FieldSchema field)
    {
        if (field.MergeKey.Length > 0)
            schema["x-kubernetes-patch-merge-key"] = field.MergeKey;
        var strategy = (field.Merges, field.RetainsKeys) switch
        {
            (true, true) => "merge,retainKeys",
            (true, false) => "merge",
            (false, true) => "retainKeys",
            _ => "",
        };
        if (strategy.Length > 0)
            schema["x-kubernetes-patch-strategy"] = strategy;
    }

    private static JsonObject Value(FieldSchema field, string reference) => field.Kind switch
    {
        FieldKind.Message => Reference(field.MessageName, reference),
        FieldKind.Text or FieldKind.Quantity => new JsonObject { ["type"] = "string" },
        FieldKind.Int32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
        FieldKind.Int64 => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
        FieldKind.Bool => new JsonObject { ["type"] = "boolean" },
        FieldKind.Double => new JsonObject { ["type"] = "number", ["format"] = "double" },
        FieldKind.Bytes => new JsonObject { ["type"] = "string", ["format"] = "byte" },
        FieldKind.Time or FieldKind.MicroTime => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        FieldKind.IntOrString => new JsonObject { ["type"] = "string", ["format"] = "int-or-string" },
        _ => new JsonObject { ["type"] = "object" },
    };

    private static JsonObject Reference(string name, string reference) =>
        // Version 3 allows no siblings beside $ref: the real server wraps it.
        reference.Contains("components", StringComparison.Ordinal)
            ? new JsonObject { ["allOf"] = new JsonArray(new JsonObject { ["$ref"] = reference + name }) }
            : new JsonObject { ["$ref"] = reference + name };
}
