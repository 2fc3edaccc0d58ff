namespace Fairlead.Xds.Json;

/// <summary>One declared field.</summary>
/// <param name="Name">As in the .proto file: snake_case.</param>
/// <param name="JsonName">lowerCamelCase.</param>
/// <param name="Number">Field number.</param>
/// <param name="Type">FieldDescriptorProto.Type: 9 = string, 11 = message, 14 = enum, ...</param>
/// <param name="TypeName">Full name of the message or enum; empty for scalars.</param>
/// <param name="IsRepeated">Lists and maps.</param>
/// <param name="IsInOneof">Also of a field that is declared optional.</param>
public sealed record FieldSchema(string Name, string JsonName, int Number, int Type, string TypeName, bool IsRepeated, bool IsInOneof)
{
    public const int Double = 1;
    public const int Float = 2;
    public const int Int64 = 3;
    public const int UInt64 = 4;
    public const int Int32 = 5;
    public const int Fixed64 = 6;
    public const int Fixed32 = 7;
    public const int Bool = 8;
    public const int String = 9;
    public const int Message = 11;
    public const int Bytes = 12;
    public const int UInt32 = 13;
    public const int Enum = 14;

    public bool IsMessage => Type == Message;

    /// <summary>Whether it can be there and have the default value (protobuf.dev, "Application Note: Field Presence").</summary>
    public bool HasPresence => IsMessage || IsRepeated || IsInOneof;
}
