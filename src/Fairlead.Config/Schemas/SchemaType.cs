namespace Fairlead.Config.Schemas;

/// <summary>What a field (or the item of a list or map) holds in JSON.</summary>
public enum SchemaType
{
    String,
    Bool,
    Int32,
    Int64,
    UInt32,
    Double,

    /// <summary>Base64 text.</summary>
    Bytes,

    /// <summary>RFC 3339 with seconds; in protobuf a message of seconds and nanos.</summary>
    Time,

    /// <summary>RFC 3339 with microseconds.</summary>
    MicroTime,

    /// <summary>An amount such as <c>100m</c>, also as a number; in protobuf a message of one text.</summary>
    Quantity,

    /// <summary>A whole number or a text.</summary>
    IntOrString,

    /// <summary>A proto-JSON duration.</summary>
    Duration,

    /// <summary>Any JSON, kept as it is (x-kubernetes-preserve-unknown-fields).</summary>
    Raw,

    /// <summary>An object with fields of its own: <see cref="FieldSchema.Object"/>.</summary>
    Object,
}
