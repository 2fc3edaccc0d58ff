using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Xds.Json;

/// <summary>
/// Opens a typed_config: the message itself, or a TypedStruct around it (how Istio ships filters that are not in Envoy's core).
/// </summary>
public sealed class TypedConfig
{
    private readonly string _path;
    private readonly Struct? _struct;
    private readonly ByteString _bytes;

    private TypedConfig(string typeName, ByteString bytes, Struct? value, string path)
    {
        TypeName = typeName;
        _bytes = bytes;
        _struct = value;
        _path = path;
    }

    /// <summary>Full message name of what is configured; empty when there is no typed_config.</summary>
    public string TypeName { get; }

    public static TypedConfig Open(Any? any, string path)
    {
        if (any is null) return new TypedConfig(string.Empty, ByteString.Empty, null, path);
        var name = Names.TypeUrl.MessageName(any.TypeUrl);
        switch (name)
        {
            case "xds.type.v3.TypedStruct":
                var typed = global::Xds.Type.V3.TypedStruct.Parser.ParseFrom(any.Value);
                return new TypedConfig(Names.TypeUrl.MessageName(typed.TypeUrl), ByteString.Empty, typed.Value ?? new Struct(), path);
            case "udpa.type.v1.TypedStruct":
                var older = Udpa.Type.V1.TypedStruct.Parser.ParseFrom(any.Value);
                return new TypedConfig(Names.TypeUrl.MessageName(older.TypeUrl), ByteString.Empty, older.Value ?? new Struct(), path);
            default:
                return new TypedConfig(name, any.Value, null, path);
        }
    }

    public static bool IsTypedStruct(string messageName) => messageName is "xds.type.v3.TypedStruct" or "udpa.type.v1.TypedStruct";

    /// <summary>The message.</summary>
    /// <exception cref="FormatException">The bytes or the struct are not such a message.</exception>
    public T Read<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(Bytes());
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new FormatException($"{_path}: not a valid {TypeName}: {e.Message}", e);
        }
    }

    /// <summary>The wire form of the message.</summary>
    /// <param name="unknown">Takes "message.field" for what a struct holds and no message declares.</param>
    /// <exception cref="FormatException">The struct is not such a message.</exception>
    public ByteString Bytes(Action<string>? unknown = null)
    {
        if (_struct is null) return _bytes;
        var reader = new JsonToProto(ProtoSchema.Default);
        var bytes = reader.Convert(TypeName, WellKnownJson.FromStruct(_struct), _path);
        foreach (var finding in reader.Findings)
        {
            if (finding.UnknownField is { } field) unknown?.Invoke(field);
        }
        var error = reader.Findings.FirstOrDefault(finding => !finding.IsUnknownField);
        return error is null ? ByteString.CopyFrom(bytes) : throw new FormatException(error.ToString());
    }
}
