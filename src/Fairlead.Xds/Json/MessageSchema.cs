namespace Fairlead.Xds.Json;

/// <summary>One declared message: its fields by number, and by both of their names.</summary>
public sealed class MessageSchema
{
    private readonly Dictionary<string, FieldSchema> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<int, FieldSchema> _byNumber = [];

    internal MessageSchema(string fullName, bool isMapEntry, IReadOnlyList<FieldSchema> fields)
    {
        FullName = fullName;
        IsMapEntry = isMapEntry;
        Fields = fields;
        foreach (var field in fields)
        {
            _byNumber[field.Number] = field;
            _byName[field.Name] = field;
            _byName[field.JsonName] = field;
        }
    }

    public string FullName { get; }

    /// <summary>The hidden message of a map's entries: key = 1, value = 2.</summary>
    public bool IsMapEntry { get; }

    /// <summary>In the order of the .proto file.</summary>
    public IReadOnlyList<FieldSchema> Fields { get; }

    public FieldSchema? Field(string name) => _byName.GetValueOrDefault(name);

    public FieldSchema? Field(int number) => _byNumber.GetValueOrDefault(number);
}
