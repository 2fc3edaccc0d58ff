using System.Collections.Frozen;

namespace Fairlead.Config.Schemas;

/// <summary>The fields of one object type. Objects may contain themselves through lists, so the graph can have cycles.</summary>
public sealed class ObjectSchema
{
    private FrozenDictionary<string, FieldSchema>? byName;
    private FrozenDictionary<int, FieldSchema>? byNumber;

    /// <summary>Package and name as OpenAPI keys it: <c>io.k8s.api.core.v1.Pod</c>.</summary>
    public required string FullName { get; init; }

    /// <summary>The name without its package.</summary>
    public string Name => FullName[(FullName.LastIndexOf('.') + 1)..];

    public string Description { get; init; } = "";

    /// <summary>As declared: an inline field stands for the fields of its object.</summary>
    public required IReadOnlyList<FieldSchema> Fields { get; init; }

    /// <summary>Names of which at most one may be set.</summary>
    public IReadOnlyList<string> OneOf { get; init; } = [];

    /// <summary>Fields by JSON name, inline ones flattened.</summary>
    public IReadOnlyDictionary<string, FieldSchema> ByName => byName ??= Flatten(this).ToFrozenDictionary(item => item.Name, StringComparer.Ordinal);

    /// <summary>Fields by protobuf number, inline ones as messages.</summary>
    public IReadOnlyDictionary<int, FieldSchema> ByNumber =>
        byNumber ??= Fields.Where(item => item.Number > 0).ToFrozenDictionary(item => item.Number);

    private static IEnumerable<FieldSchema> Flatten(ObjectSchema schema) =>
        schema.Fields.SelectMany(field => field.IsInline ? Flatten(field.Object!) : [field]);
}
