using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Google.Protobuf;

namespace Fairlead.ApiServer.Discovery;

/// <summary>
/// OpenAPI v2 in the protobuf form that older kubectl asks for. Field numbers: gnostic, openapiv2/OpenAPIv2.proto
/// (Document, Info, Paths, PathItem, Operation, Parameter, Schema, Definitions, NamedAny).
/// </summary>
internal static class OpenApiV2Protobuf
{
    public static byte[] Encode(JsonObject document) => Message(output =>
    {
        Text(output, 1, document.TextAt("swagger"));
        Bytes(output, 2, Message(info =>
        {
            Text(info, 1, document.TextAt("info.title"));
            Text(info, 2, document.TextAt("info.version"));
        }));
        Bytes(output, 8, Message(paths =>
        {
            foreach (var (path, item) in (JsonObject)document["paths"]!)
                Bytes(paths, 2, Named(path, PathItem((JsonObject)item!)));
        }));
        Bytes(output, 9, Message(definitions =>
        {
            foreach (var (name, schema) in (JsonObject)document["definitions"]!)
                Bytes(definitions, 1, Named(name, Schema((JsonObject)schema!)));
        }));
    });

    private static byte[] PathItem(JsonObject item) => Message(output =>
    {
        foreach (var (verb, operation) in item)
        {
            var number = verb switch
            {
                "get" => 2,
                "put" => 3,
                "post" => 4,
                "delete" => 5,
                _ => 8,
            };
            Bytes(output, number, Operation((JsonObject)operation!));
        }
    });

    private static byte[] Operation(JsonObject operation) => Message(output =>
    {
        foreach (var parameter in operation.ObjectsAt("parameters"))
            Bytes(output, 8, Parameter(parameter));
        Bytes(output, 9, Message(responses =>
        {
            // Responses { 1: NamedResponseValue { 1: name, 2: ResponseValue { 1: Response { 1: description, 2: SchemaItem { 1: Schema } } } } }
            var schema = Schema((JsonObject)operation["responses"]!["200"]!["schema"]!);
            var response = Message(body =>
            {
                Text(body, 1, "OK");
                Bytes(body, 2, Message(item => Bytes(item, 1, schema)));
            });
            Bytes(responses, 1, Named("200", Message(value => Bytes(value, 1, response))));
        }));
        foreach (var (name, value) in operation)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
                Bytes(output, 13, Extension(name, value!));
        }
    });

    /// <summary>ParametersItem { 1: Parameter { 2: NonBodyParameter { 3: QueryParameterSubSchema { 3: in, 5: name, 7: type } } } }.</summary>
    private static byte[] Parameter(JsonObject parameter)
    {
        var query = Message(output =>
        {
            Text(output, 2, parameter.TextAt("in"));
            Text(output, 4, parameter.TextAt("name"));
            Text(output, 6, parameter.TextAt("type"));
            output.WriteTag(18, WireFormat.WireType.Varint);
            output.WriteBool(true);
        });
        return Message(item => Bytes(item, 1, Message(one => Bytes(one, 2, Message(nonBody => Bytes(nonBody, 3, query))))));
    }

    private static byte[] Schema(JsonObject schema) => Message(output =>
    {
        Text(output, 1, schema.TextAt("$ref"));
        Text(output, 2, schema.TextAt("format"));
        Text(output, 4, schema.TextAt("description"));
        if (schema["additionalProperties"] is JsonObject values)
            Bytes(output, 21, Message(item => Bytes(item, 1, Schema(values))));
        if (schema.TextAt("type") is { Length: > 0 } type)
            Bytes(output, 22, Message(item => Text(item, 1, type)));
        if (schema["items"] is JsonObject items)
            Bytes(output, 23, Message(list => Bytes(list, 1, Schema(items))));
        if (schema["properties"] is JsonObject properties)
        {
            Bytes(output, 25, Message(list =>
            {
                foreach (var (name, property) in properties)
                    Bytes(list, 1, Named(name, Schema((JsonObject)property!)));
            }));
        }
        foreach (var (name, value) in schema)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
                Bytes(output, 31, Extension(name, value!));
        }
    });

    /// <summary>NamedAny { 1: name, 2: Any { 2: yaml } }: JSON is YAML.</summary>
    private static byte[] Extension(string name, JsonNode value) => Named(name, Message(any => Text(any, 2, value.ToJsonString() + "\n")));

    private static byte[] Named(string name, byte[] value) => Message(output =>
    {
        Text(output, 1, name);
        Bytes(output, 2, value);
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var memory = new MemoryStream();
        using (var output = new CodedOutputStream(memory, leaveOpen: true))
            write(output);
        return memory.ToArray();
    }

    private static void Text(CodedOutputStream output, int number, string text)
    {
        if (text.Length == 0)
            return;
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteString(text);
    }

    private static void Bytes(CodedOutputStream output, int number, byte[] bytes)
    {
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(bytes));
    }
}
