using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.Config.Schemas;

namespace Fairlead.Config.Reading;

/// <summary>
/// Compares an object's tree with its kind's schema: unknown and duplicate fields in the words of Kubernetes' API server, wrong
/// types, and for custom resources what a CRD's schema refuses. Everything is reported, nothing is changed.
/// </summary>
public static class StrictDecoder
{
    /// <summary>Problems reported for one object at the most, so that hostile input cannot make the answer large.</summary>
    public const int MaxProblems = 200;

    public static IReadOnlyList<DecodeProblem> Decode(Schema schema, KubeObject target, IEnumerable<string>? duplicates = null)
    {
        var problems = new List<DecodeProblem>();
        foreach (var path in duplicates ?? [])
            problems.Add(new(DecodeProblemKind.DuplicateField, path, $"duplicate field \"{path}\"", "give the field once"));
        new Walk(schema, problems).Object(schema.Root, target.Root, "", isRoot: true);
        return problems.Count > MaxProblems ? problems[..MaxProblems] : problems;
    }

    /// <summary>Removes the fields that the schema does not know, as the server does unless the request is strict.</summary>
    public static void Prune(Schema schema, KubeObject target) => Prune(schema.Root, target.Root, isRoot: true);

    private static void Prune(ObjectSchema schema, JsonObject node, bool isRoot)
    {
        foreach (var (name, value) in node.ToArray())
        {
            if (isRoot && name is "apiVersion" or "kind")
                continue;
            if (!schema.ByName.TryGetValue(name, out var field))
                node.Remove(name);
            else if (field.Object is { } child)
                PruneValue(field, child, value);
        }
    }

    private static void PruneValue(FieldSchema field, ObjectSchema child, JsonNode? value)
    {
        IEnumerable<JsonNode?> nodes = field.IsList ? value as JsonArray ?? [] : field.IsMap ? (value as JsonObject ?? []).Select(entry => entry.Value) : [value];
        foreach (var node in nodes.OfType<JsonObject>())
            Prune(child, node, isRoot: false);
    }

    /// <summary>One pass over a tree.</summary>
    private sealed class Walk(Schema schema, List<DecodeProblem> problems)
    {
        public void Object(ObjectSchema shape, JsonObject node, string path, bool isRoot = false)
        {
            if (problems.Count > MaxProblems)
                return;
            foreach (var (name, value) in node)
            {
                if (isRoot && name is "apiVersion" or "kind")
                    continue;
                var inner = FieldPath.Join(path, name);
                if (!shape.ByName.TryGetValue(name, out var field))
                    Unknown(shape, path, name, inner, isRoot);
                else if (value is not null)
                    Field(shape, field, value, inner);
            }
            if (!schema.IsCustom)
                return;
            foreach (var field in shape.Fields)
            {
                if (field.IsRequired && node[field.Name] is null)
                    Add(DecodeProblemKind.Required, FieldPath.Join(path, field.Name), "Required value", $"give {FieldPath.Join(path, field.Name)}{Purpose(field)}");
            }
            OneOf(shape, node, path);
        }

        private void Unknown(ObjectSchema shape, string path, string name, string inner, bool isRoot)
        {
            var known = isRoot ? shape.ByName.Keys.Concat(["apiVersion", "kind"]) : shape.ByName.Keys;
            var near = NearMiss.Find(name, known);
            var remedy = near is null ? "remove it; known fields here: " + string.Join(", ", known.Order(StringComparer.Ordinal).Take(40))
                : $"did you mean \"{FieldPath.Join(path, near)}\"?";
            Add(DecodeProblemKind.UnknownField, inner, $"unknown field \"{inner}\"", remedy);
        }

        private void OneOf(ObjectSchema shape, JsonObject node, string path)
        {
            if (shape.OneOf.Count == 0)
                return;
            var given = shape.OneOf.Where(name => node[name] is not null).ToArray();
            if (given.Length > 1)
            {
                Add(DecodeProblemKind.Invalid, path, $"only one of {string.Join(", ", shape.OneOf)} can be set",
                    $"keep one of {string.Join(", ", given)}");
            }
        }

        private void Field(ObjectSchema owner, FieldSchema field, JsonNode value, string path)
        {
            if (field.IsList)
                List(owner, field, value, path);
            else if (field.IsMap)
                Map(owner, field, value, path);
            else
                Item(owner, field, value, path);
        }

        private void List(ObjectSchema owner, FieldSchema field, JsonNode value, string path)
        {
            if (value is not JsonArray array)
            {
                WrongType(owner, field, value, path, "array");
                return;
            }
            if (schema.IsCustom && (array.Count > field.MaxItems))
                Add(DecodeProblemKind.TooMany, path, $"Too many: {array.Count}: must have at most {field.MaxItems} items", $"split the object: a list holds at most {field.MaxItems} items");
            if (schema.IsCustom && array.Count < field.MinItems)
                Add(DecodeProblemKind.Invalid, path, $"Invalid value: {array.Count}: {path} in body should have at least {field.MinItems} items", $"give at least {field.MinItems} item of {path}");
            for (var i = 0; i < array.Count; i++)
            {
                if (array[i] is { } item)
                    Item(owner, field, item, FieldPath.Join(path, i));
            }
        }

        private void Map(ObjectSchema owner, FieldSchema field, JsonNode value, string path)
        {
            if (value is not JsonObject map)
            {
                WrongType(owner, field, value, path, "object");
                return;
            }
            foreach (var (key, item) in map)
            {
                if (item is not null)
                    Item(owner, field, item, FieldPath.Join(path, key));
            }
        }

        private void Item(ObjectSchema owner, FieldSchema field, JsonNode value, string path)
        {
            if (field.Type == SchemaType.Object)
            {
                if (value is JsonObject child)
                    Object(field.Object!, child, path);
                else
                    WrongType(owner, field, value, path, "object");
                return;
            }
            if (ExpectedType(field.Type, value) is { } expected)
                WrongType(owner, field, value, path, expected);
            else if (schema.IsCustom)
                Limits(field, value, path);
        }

        private void Limits(FieldSchema field, JsonNode value, string path)
        {
            if (JsonFields.TextOf(value) is { } text)
            {
                if (field.Enum.Count > 0 && !field.Enum.Contains(text))
                    NotSupported(field, text, path);
                if (text.Length > field.MaxLength)
                    Add(DecodeProblemKind.TooMany, path, $"Too long: may not be more than {field.MaxLength} bytes", $"shorten it to {field.MaxLength} characters");
                if (text.Length < field.MinLength)
                    Add(DecodeProblemKind.Invalid, path, $"Invalid value: \"{text}\": {path} in body should be at least {field.MinLength} chars long", "give a value");
                if (field.Type == SchemaType.Duration && !Duration.TryParse(text, out _))
                    Add(DecodeProblemKind.Invalid, path, $"Invalid value: \"{text}\": must be a valid duration greater than 1ms", "write a duration such as \"3s\" or \"250ms\"");
                return;
            }
            if (JsonFields.NumberOf(value) is not { } number)
                return;
            var shown = number.ToString(CultureInfo.InvariantCulture);
            if (field is { Minimum: 1, Maximum: 65535 } && number is < 1 or > 65535)
                Add(DecodeProblemKind.Invalid, path, $"Invalid value: {shown}: port must be between 1-65535", "write a port number from 1 to 65535");
            else if (number < field.Minimum)
                Add(DecodeProblemKind.Invalid, path, $"Invalid value: {shown}: {path} in body should be greater than or equal to {field.Minimum}", $"write at least {field.Minimum}");
            else if (number > field.Maximum)
                Add(DecodeProblemKind.Invalid, path, $"Invalid value: {shown}: {path} in body should be less than or equal to {field.Maximum}", $"write at most {field.Maximum}");
        }

        private void NotSupported(FieldSchema field, string text, string path)
        {
            var near = NearMiss.Find(text, field.Enum);
            Add(DecodeProblemKind.NotSupported, path,
                $"Unsupported value: \"{text}\": supported values: {string.Join(", ", field.Enum.Select(value => $"\"{value}\""))}",
                near is null ? $"write one of {string.Join(", ", field.Enum)}" : $"did you mean \"{near}\"?");
        }

        // The type's OpenAPI name when the value has another one; null when it fits.
        private static string? ExpectedType(SchemaType type, JsonNode value)
        {
            var kind = value.GetValueKind();
            return type switch
            {
                SchemaType.String or SchemaType.Bytes or SchemaType.Time or SchemaType.MicroTime or SchemaType.Duration =>
                    kind == JsonValueKind.String ? null : "string",
                SchemaType.Bool => kind is JsonValueKind.True or JsonValueKind.False ? null : "boolean",
                SchemaType.Int32 => InRange(value, int.MinValue, int.MaxValue) ? null : "integer",
                SchemaType.UInt32 => InRange(value, 0, uint.MaxValue) ? null : "integer",
                SchemaType.Int64 => InRange(value, long.MinValue, long.MaxValue) ? null : "integer",
                SchemaType.Double => kind == JsonValueKind.Number ? null : "number",
                SchemaType.Quantity => kind is JsonValueKind.String or JsonValueKind.Number ? null : "string",
                SchemaType.IntOrString => kind == JsonValueKind.String || InRange(value, int.MinValue, int.MaxValue) ? null : "integer or string",
                _ => null,
            };
        }

        private static bool InRange(JsonNode value, long lowest, long highest) =>
            value.GetValueKind() == JsonValueKind.Number && JsonFields.IntegerOf(value) is { } number && number >= lowest && number <= highest;

        private void WrongType(ObjectSchema owner, FieldSchema field, JsonNode value, string path, string expected)
        {
            var actual = value.GetValueKind() switch
            {
                JsonValueKind.Object => "object",
                JsonValueKind.Array => "array",
                JsonValueKind.String => "string",
                JsonValueKind.Number => "number",
                _ => "boolean",
            };
            var message = schema.IsCustom
                ? $"Invalid value: \"{CustomName(value, actual)}\": {path} in body must be of type {expected}: \"{CustomName(value, actual)}\""
                : $"json: cannot unmarshal {(actual == "boolean" ? "bool" : actual)} into Go struct field {owner.Name}.{path} of type {GoTypes.Name(field, path)}";
            Add(DecodeProblemKind.WrongType, path, message, Hint(expected, value));
        }

        private static string CustomName(JsonNode value, string actual) =>
            actual == "number" && JsonFields.IntegerOf(value) is not null ? "integer" : actual;

        private static string Hint(string expected, JsonNode value) => expected switch
        {
            "string" when value is JsonValue => $"put it in quotes: \"{value.ToJsonString().Trim('"')}\"",
            "array" => "write a list: one item per line, each after '- '",
            "object" => "write fields, one per line",
            "integer" => "write a whole number without quotes",
            "boolean" => "write true or false without quotes",
            _ => $"write a value of type {expected}",
        };

        private static string Purpose(FieldSchema field) =>
            field.Description.Length == 0 ? "" : $" ({field.Description.TrimEnd('.')})";

        private void Add(DecodeProblemKind kind, string path, string message, string remedy) => problems.Add(new(kind, path, message, remedy));
    }
}
