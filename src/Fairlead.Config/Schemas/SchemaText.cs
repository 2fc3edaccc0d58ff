using System.Globalization;

namespace Fairlead.Config.Schemas;

/// <summary>
/// Reads the tables that the schema files hold, one line per fact:
/// <code>
/// @package                       package of the objects that follow
/// Object [oneof=a|b] [-- what it is]
///   [number] name type [flag ...] [-- what it means]
/// </code>
/// A type is a scalar (<c>string bool int32 int64 uint32 double bytes time microtime quantity intorstring duration raw</c>)
/// or an object's name, with <c>[]</c> before it for a list and <c>{}</c> for a map from text. Flags: <c>required nullable inline
/// set retainKeys merge merge=KEY keys=K,K enum=A|B min=N max=N minlen=N maxlen=N minitems=N maxitems=N</c>.
/// </summary>
internal sealed class SchemaText
{
    private readonly Dictionary<string, ObjectSchema> objects = new(StringComparer.Ordinal);

    /// <summary>Reads the texts; names are resolved in the object's own package, then in any other.</summary>
    public SchemaText(params IEnumerable<string> texts)
    {
        foreach (var text in texts)
            Read(text);
        foreach (var schema in objects.Values)
            Resolve(schema);
    }

    public ObjectSchema this[string fullName] => objects[fullName];

    public IReadOnlyCollection<ObjectSchema> Objects => objects.Values;

    private void Read(string text)
    {
        var package = "";
        ObjectSchema? current = null;
        var fields = new List<FieldSchema>();
        foreach (var line in text.Split('\n'))
        {
            if (line.Length == 0)
                continue;
            if (line[0] == '@')
            {
                package = line[1..].Trim();
            }
            else if (line[0] == ' ')
            {
                fields.Add(Field(line));
            }
            else
            {
                fields = [];
                current = Header(line, package, fields);
                objects.Add(current.FullName, current);
            }
        }
    }

    private static ObjectSchema Header(string line, string package, List<FieldSchema> fields)
    {
        var (facts, description) = SplitDescription(line);
        var words = facts.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var oneOf = words.Skip(1).FirstOrDefault(word => word.StartsWith("oneof=", StringComparison.Ordinal));
        return new ObjectSchema
        {
            FullName = $"{package}.{words[0]}",
            Description = description,
            Fields = fields,
            OneOf = oneOf is null ? [] : oneOf["oneof=".Length..].Split('|'),
        };
    }

    private static FieldSchema Field(string line)
    {
        var (facts, description) = SplitDescription(line);
        var words = facts.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var numbered = char.IsAsciiDigit(words[0][0]);
        var name = words[numbered ? 1 : 0];
        var type = words[numbered ? 2 : 1];
        var flags = words.AsSpan(numbered ? 3 : 2).ToArray();
        var item = type.StartsWith("[]", StringComparison.Ordinal) || type.StartsWith("{}", StringComparison.Ordinal) ? type[2..] : type;
        return new FieldSchema
        {
            Name = name,
            Number = numbered ? int.Parse(words[0], CultureInfo.InvariantCulture) : 0,
            Type = Scalar(item) ?? SchemaType.Object,
            ObjectName = Scalar(item) is null ? item : "",
            IsList = type.StartsWith("[]", StringComparison.Ordinal),
            IsMap = type.StartsWith("{}", StringComparison.Ordinal),
            Description = description,
            IsRequired = flags.Contains("required"),
            IsNullable = flags.Contains("nullable"),
            IsInline = flags.Contains("inline"),
            IsSet = flags.Contains("set"),
            RetainKeys = flags.Contains("retainKeys"),
            PatchMerges = flags.Contains("merge") || Value(flags, "merge") is not null,
            PatchMergeKey = Value(flags, "merge") ?? "",
            ListMapKeys = Value(flags, "keys")?.Split(',') ?? [],
            Enum = Value(flags, "enum")?.Split('|') ?? [],
            Minimum = Number(flags, "min"),
            Maximum = Number(flags, "max"),
            MinLength = (int?)Number(flags, "minlen"),
            MaxLength = (int?)Number(flags, "maxlen"),
            MinItems = (int?)Number(flags, "minitems"),
            MaxItems = (int?)Number(flags, "maxitems"),
        };
    }

    private static SchemaType? Scalar(string type) => type switch
    {
        "string" => SchemaType.String,
        "bool" => SchemaType.Bool,
        "int32" => SchemaType.Int32,
        "int64" => SchemaType.Int64,
        "uint32" => SchemaType.UInt32,
        "double" => SchemaType.Double,
        "bytes" => SchemaType.Bytes,
        "time" => SchemaType.Time,
        "microtime" => SchemaType.MicroTime,
        "quantity" => SchemaType.Quantity,
        "intorstring" => SchemaType.IntOrString,
        "duration" => SchemaType.Duration,
        "raw" => SchemaType.Raw,
        _ => null,
    };

    private static (string Facts, string Description) SplitDescription(string line)
    {
        var split = line.IndexOf(" -- ", StringComparison.Ordinal);
        return split < 0 ? (line, "") : (line[..split], line[(split + 4)..].Trim());
    }

    private static string? Value(string[] flags, string name)
    {
        var flag = Array.Find(flags, flag => flag.Length > name.Length && flag[name.Length] == '=' && flag.StartsWith(name, StringComparison.Ordinal));
        return flag?[(name.Length + 1)..];
    }

    private static double? Number(string[] flags, string name) =>
        Value(flags, name) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;

    private void Resolve(ObjectSchema schema)
    {
        var package = schema.FullName[..schema.FullName.LastIndexOf('.')];
        foreach (var field in schema.Fields)
        {
            if (field.Type != SchemaType.Object)
                continue;
            field.Object = objects.GetValueOrDefault($"{package}.{field.ObjectName}")
                ?? objects.GetValueOrDefault($"{MetaSchema.Package}.{field.ObjectName}")
                ?? objects.GetValueOrDefault($"{MetaSchema.CorePackage}.{field.ObjectName}")
                ?? throw new InvalidOperationException($"{schema.FullName}.{field.Name}: no object {field.ObjectName}");
        }
    }
}
