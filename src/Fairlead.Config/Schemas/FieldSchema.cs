namespace Fairlead.Config.Schemas;

/// <summary>One field of an object.</summary>
public sealed class FieldSchema
{
    /// <summary>JSON name.</summary>
    public required string Name { get; init; }

    /// <summary>Protobuf field number; 0 for kinds that have no protobuf form here.</summary>
    public int Number { get; init; }

    public required SchemaType Type { get; init; }
    public bool IsList { get; init; }
    public bool IsMap { get; init; }

    /// <summary>The object's name in the schema text, resolved into <see cref="Object"/>.</summary>
    internal string ObjectName { get; init; } = "";

    /// <summary>Set for <see cref="SchemaType.Object"/>.</summary>
    public ObjectSchema? Object { get; internal set; }

    public string Description { get; init; } = "";
    public bool IsRequired { get; init; }
    public bool IsNullable { get; init; }

    /// <summary>Allowed texts; empty means any.</summary>
    public IReadOnlyList<string> Enum { get; init; } = [];

    /// <summary>x-kubernetes-list-map-keys; empty when the list is no map.</summary>
    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>Whether items of the list are unique (x-kubernetes-list-type set).</summary>
    public bool IsSet { get; init; }

    /// <summary>x-kubernetes-patch-merge-key; empty when the list is replaced or is one of scalars.</summary>
    public string PatchMergeKey { get; init; } = "";

    /// <summary>x-kubernetes-patch-strategy contains merge.</summary>
    public bool PatchMerges { get; init; }

    /// <summary>x-kubernetes-patch-strategy contains retainKeys.</summary>
    public bool RetainKeys { get; init; }

    /// <summary>In JSON the object's fields stand in this field's place; in protobuf it is a message of its own.</summary>
    public bool IsInline { get; init; }

    public double? Minimum { get; init; }
    public double? Maximum { get; init; }
    public int? MinLength { get; init; }
    public int? MaxLength { get; init; }
    public int? MinItems { get; init; }
    public int? MaxItems { get; init; }

    /// <summary>x-kubernetes-patch-strategy as OpenAPI names it; empty when there is none.</summary>
    public string PatchStrategy => (PatchMerges, RetainKeys) switch
    {
        (true, true) => "merge,retainKeys",
        (true, false) => "merge",
        (false, true) => "retainKeys",
        _ => "",
    };
}
