using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;
using ConfigField = Fairlead.Config.Schemas.FieldSchema;
using ObjectSchema = Fairlead.Config.Schemas.ObjectSchema;
using Schema = Fairlead.Config.Schemas.Schema;
using SchemaTable = Fairlead.Config.Schemas.SchemaTable;
using SchemaType = Fairlead.Config.Schemas.SchemaType;
using SpecDecoder = Fairlead.Config.Reading.StrictDecoder;

namespace Fairlead.ApiServer.Schemas;

/// <summary>The fields of kinds that are not built in, as Fairlead.Config knows them, so that a mistake has the same words here, in analysis and in validation.</summary>
internal static class CustomSchema
{
    private static readonly ConcurrentDictionary<string, MessageSchema> Messages = new(StringComparer.Ordinal);

    /// <summary>The kind's own fields (<c>spec</c>, <c>status</c>) as OpenAPI properties, everything in place as a CRD's schema is.</summary>
    public static JsonObject Properties(KindDescriptor kind, string version)
    {
        var properties = new JsonObject();
        foreach (var field in Find(kind, version).Root.Fields.Where(field => field.Name is not "metadata"))
            properties[field.Name] = Field(field);
        return properties;
    }

    public static string Description(KindDescriptor kind, string version) => Find(kind, version).Root.Description;

    /// <summary>Drops what the kind does not have and adds it to the faults; what its schema refuses is returned (422).</summary>
    public static IReadOnlyList<FieldCause> Check(ResourceRequest request, JsonObject body, List<string> faults)
    {
        if (body["metadata"] is JsonObject metadata)
            StrictDecoder.CheckObject(request, metadata, BuiltinSchemas.ObjectMeta, "metadata", faults);
        var schema = Find(request.Kind, request.Version);
        var target = new KubeObject(body);
        var causes = new List<FieldCause>();
        foreach (var problem in SpecDecoder.Decode(schema, target).Where(problem => !problem.Path.StartsWith("metadata.", StringComparison.Ordinal)))
        {
            // Only a near miss goes on the line of an error; what else we would say is in `fairlead validate`.
            var text = problem.Remedy.StartsWith("did you mean", StringComparison.Ordinal) ? $"{problem.Message}; {problem.Remedy}" : problem.Message;
            if (problem.IsStrictOnly)
                faults.Add(text);
            else
                causes.Add(new FieldCause(Reason(problem.Kind), text, problem.Path));
        }
        SpecDecoder.Prune(schema, target);
        return causes;
    }

    /// <summary>The kind in the form that merging works on: lists are atomic unless they have keys, as in a CRD.</summary>
    public static MessageSchema Message(KindDescriptor kind) => Messages.GetOrAdd(kind.Kind, _ =>
    {
        var root = Convert(Find(kind, kind.StorageVersion).Root.Fields.Where(field => field.Name != "metadata"), kind.Kind, []);
        root.Add(new FieldSchema("metadata", root.Fields.Count + 1, FieldKind.Message, Cardinality.One) { MessageName = BuiltinSchemas.ObjectMeta.Name, Message = BuiltinSchemas.ObjectMeta });
        root.IndexNames();
        return root;
    });

    private static MessageSchema Convert(IEnumerable<ConfigField> fields, string name, Dictionary<string, MessageSchema> known)
    {
        var message = known[name] = new MessageSchema(name, atomic: false);
        foreach (var field in fields)
        {
            var cardinality = field.IsList ? Cardinality.List : field.IsMap ? Cardinality.Map : Cardinality.One;
            message.Add(new FieldSchema(field.Name, message.Fields.Count + 1, field.Object is null ? FieldKind.Json : FieldKind.Message, cardinality)
            {
                Message = field.Object is { } inner ? known.GetValueOrDefault(inner.FullName) ?? Convert(inner.ByName.Values, inner.FullName, known) : null,
                ListType = field.ListMapKeys.Count > 0 ? "map" : field.IsSet ? "set" : "atomic",
                MapKeys = field.ListMapKeys,
            });
        }
        message.IndexNames();
        return message;
    }

    private static Schema Find(KindDescriptor kind, string version) =>
        SchemaTable.Find(kind.Group, version, kind.Kind) ?? throw new InvalidOperationException($"{kind.Kind} of {kind.Group} has no schema");

    private static string Reason(DecodeProblemKind kind) => kind switch
    {
        DecodeProblemKind.WrongType => "FieldValueTypeInvalid",
        DecodeProblemKind.Required => "FieldValueRequired",
        DecodeProblemKind.NotSupported => "FieldValueNotSupported",
        DecodeProblemKind.TooMany => "FieldValueTooMany",
        _ => "FieldValueInvalid",
    };

    private static JsonObject Object(ObjectSchema schema, string description)
    {
        var properties = new JsonObject();
        foreach (var field in schema.ByName.Values.OrderBy(field => field.Name, StringComparer.Ordinal))
            properties[field.Name] = Field(field);
        var document = new JsonObject { ["type"] = "object" };
        if (description.Length + schema.Description.Length > 0)
            document["description"] = description.Length > 0 ? description : schema.Description;
        if (properties.Count > 0)
            document["properties"] = properties;
        if (schema.Fields.Where(field => field.IsRequired).Select(field => field.Name).ToArray() is { Length: > 0 } required)
            document["required"] = JsonPath.TextArray(required);
        return document;
    }

    private static JsonObject Field(ConfigField field)
    {
        var value = field.Type == SchemaType.Object ? Object(field.Object!, field.IsList || field.IsMap ? "" : field.Description) : Scalar(field);
        if (!field.IsList && !field.IsMap)
        {
            if (field.Description.Length > 0)
                value["description"] = field.Description;
            return value;
        }
        var many = field.IsMap
            ? new JsonObject { ["type"] = "object", ["additionalProperties"] = value }
            : new JsonObject { ["type"] = "array", ["items"] = value };
        if (field.Description.Length > 0)
            many["description"] = field.Description;
        if (field.IsList && field.ListMapKeys.Count > 0)
        {
            many["x-kubernetes-list-type"] = "map";
            many["x-kubernetes-list-map-keys"] = JsonPath.TextArray([.. field.ListMapKeys]);
        }
        Limit(many, "minItems", field.MinItems);
        Limit(many, "maxItems", field.MaxItems);
        return many;
    }

    private static JsonObject Scalar(ConfigField field)
    {
        var document = field.Type switch
        {
            SchemaType.Bool => new JsonObject { ["type"] = "boolean" },
            SchemaType.Int32 => new JsonObject { ["type"] = "integer", ["format"] = "int32" },
            SchemaType.UInt32 => new JsonObject { ["type"] = "integer", ["minimum"] = 0L },
            SchemaType.Int64 => new JsonObject { ["type"] = "integer", ["format"] = "int64" },
            SchemaType.Double => new JsonObject { ["type"] = "number", ["format"] = "double" },
            SchemaType.Bytes => new JsonObject { ["type"] = "string", ["format"] = "binary" },
            SchemaType.Time or SchemaType.MicroTime => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
            SchemaType.IntOrString => new JsonObject { ["x-kubernetes-int-or-string"] = true },
            SchemaType.Raw => new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            _ => new JsonObject { ["type"] = "string" },
        };
        if (field.Enum.Count > 0)
            document["enum"] = JsonPath.TextArray([.. field.Enum]);
        Limit(document, "minimum", field.Minimum);
        Limit(document, "maximum", field.Maximum);
        Limit(document, "minLength", field.MinLength);
        Limit(document, "maxLength", field.MaxLength);
        return document;
    }

    private static void Limit(JsonObject document, string name, double? limit)
    {
        if (limit is { } value)
            document[name] = value == Math.Floor(value) ? JsonValue.Create((long)value) : JsonValue.Create(value);
    }
}
