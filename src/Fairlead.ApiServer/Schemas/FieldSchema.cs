namespace Fairlead.ApiServer.Schemas;

/// <summary>What one field holds, apart from its cardinality.</summary>
public enum FieldKind
{
    Text,
    Int32,
    Int64,
    Bool,
    Double,

    /// <summary>Base64 text in JSON, bytes in protobuf.</summary>
    Bytes,

    /// <summary>RFC 3339 with seconds in JSON; seconds and nanos in protobuf.</summary>
    Time,

    /// <summary>RFC 3339 with microseconds.</summary>
    MicroTime,
    Quantity,
    IntOrString,

    /// <summary>Any JSON; its bytes stand in field 1 of the protobuf message.</summary>
    Json,

    /// <summary>A message of its own: <see cref="FieldSchema.Message"/>.</summary>
    Message,
}

/// <summary>How many values a field holds.</summary>
public enum Cardinality
{
    One,
    List,
    Map,
}

/// <summary>
/// One field of an API message: its JSON name, protobuf number and type, and how lists are merged
/// (strategic merge patch: <see cref="MergeKey"/>; server-side apply: <see cref="ListType"/> and <see cref="MapKeys"/>).
/// </summary>
public sealed record FieldSchema(string Name, int Number, FieldKind Kind, Cardinality Cardinality)
{
    public string MessageName { get; init; } = "";

    /// <summary>The message of a <see cref="FieldKind.Message"/> field; set once the whole table is read.</summary>
    public MessageSchema? Message { get; internal set; }

    /// <summary>The fields of this message appear in its parent's JSON (Go's inline).</summary>
    public bool Inline { get; init; }

    /// <summary>Strategic merge patch merges this list by this key; empty: by value or not at all.</summary>
    public string MergeKey { get; init; } = "";

    /// <summary>Strategic merge patch merges this list (by key, or as a set of scalars) instead of replacing it.</summary>
    public bool Merges { get; init; }

    /// <summary>Strategic merge patch keeps only the named keys when <c>$retainKeys</c> says so.</summary>
    public bool RetainsKeys { get; init; }

    /// <summary>Server-side apply: <c>atomic</c>, <c>set</c> or <c>map</c>.</summary>
    public string ListType { get; init; } = "atomic";

    /// <summary>Keys of a list of type map.</summary>
    public IReadOnlyList<string> MapKeys { get; init; } = [];

    /// <summary>Server-side apply treats the whole value as one leaf.</summary>
    public bool Atomic { get; init; }
}

/// <summary>One API message, named as in OpenAPI (<c>io.k8s.api.core.v1.Pod</c>).</summary>
public sealed class MessageSchema(string name, bool atomic)
{
    private readonly Dictionary<string, FieldSchema> byName = new(StringComparer.Ordinal);
    private readonly Dictionary<int, FieldSchema> byNumber = [];
    private readonly List<FieldSchema> fields = [];

    public string Name { get; } = name;

    /// <summary>Server-side apply treats the whole message as one leaf.</summary>
    public bool Atomic { get; } = atomic;

    public IReadOnlyList<FieldSchema> Fields => fields;

    /// <summary>The field of that JSON name, also one of an inlined message.</summary>
    public FieldSchema? Find(string jsonName) => byName.GetValueOrDefault(jsonName);

    public FieldSchema? Find(int number) => byNumber.GetValueOrDefault(number);

    /// <summary>Every field as JSON shows it: inlined messages dissolved.</summary>
    public IEnumerable<FieldSchema> JsonFields => byName.Values;

    internal void Add(FieldSchema field)
    {
        fields.Add(field);
        byNumber[field.Number] = field;
    }

    internal void Link(IReadOnlyDictionary<string, MessageSchema> all)
    {
        foreach (var field in fields)
        {
            if (field.Kind == FieldKind.Message)
                field.Message = all[field.MessageName];
        }
    }

    internal void IndexNames()
    {
        foreach (var field in fields)
        {
            if (!field.Inline)
            {
                byName[field.Name] = field;
                continue;
            }
            foreach (var inner in field.Message!.fields)
                byName[inner.Name] = inner;
        }
    }
}
