using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fairlead.Xds.Tests.Genuine;

/// <summary>
/// Messages with every field set to a value that is not its default. A message with oneofs yields several samples, one for each member
/// of the largest, so that every member is set in one of them.
/// </summary>
/// <param name="isLeftOut">Fields that are not set anywhere.</param>
internal sealed class SampleMessages(Predicate<FieldDescriptor> isLeftOut)
{
    /// <summary>How deep messages inside messages are filled; each of them is a sample of its own too.</summary>
    private const int DepthMax = 2;

    public IReadOnlyList<IMessage> Of(MessageDescriptor type)
    {
        var count = type.Oneofs.Where(o => !o.IsSynthetic).Select(o => o.Fields.Count).DefaultIfEmpty(1).Max();
        return [.. Enumerable.Range(0, count).Select(member => Build(type, member, 0))];
    }

    private IMessage Build(MessageDescriptor type, int member, int depth)
    {
        // Every message here is generated: its parser makes an empty one.
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            if (field.RealContainingOneof is { } oneof && oneof.Fields.IndexOf(field) != member % oneof.Fields.Count)
            {
                continue;
            }
            if (!isLeftOut(field) && (field.FieldType != FieldType.Message || depth < DepthMax))
            {
                Set(message, field, depth);
            }
        }
        return message;
    }

    private void Set(IMessage message, FieldDescriptor field, int depth)
    {
        if (field.IsMap)
        {
            var entry = field.MessageType.Fields;
            var map = (System.Collections.IDictionary)field.Accessor.GetValue(message);
            map.Add(Value(entry[1], depth), Value(entry[2], depth));
        }
        else if (field.IsRepeated)
        {
            var list = (System.Collections.IList)field.Accessor.GetValue(message);
            list.Add(Value(field, depth));
            list.Add(Value(field, depth));
        }
        else
        {
            field.Accessor.SetValue(message, Value(field, depth));
        }
    }

    private object Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Double => 1.5 + field.FieldNumber,
        FieldType.Float => 0.25f + field.FieldNumber,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => -1 - field.FieldNumber,
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => -1L - field.FieldNumber,
        FieldType.UInt32 or FieldType.Fixed32 => uint.MaxValue - (uint)field.FieldNumber,
        FieldType.UInt64 or FieldType.Fixed64 => ulong.MaxValue - (ulong)field.FieldNumber,
        FieldType.Bool => true,
        FieldType.String => $"{field.Name} é",
        FieldType.Bytes => ByteString.CopyFrom(0, 0xff, (byte)field.FieldNumber),
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, field.EnumType.Values[^1].Number),
        FieldType.Message when Wrapped(field.MessageType) is { } wrapped => Value(wrapped, depth),
        FieldType.Message => Build(field.MessageType, 0, depth + 1),
        _ => throw new NotSupportedException($"{field.FullName}: {field.FieldType}"),
    };

    /// <summary>The value of Google.Protobuf's wrapper messages (UInt32Value ...) is the bare value in C#.</summary>
    private static FieldDescriptor? Wrapped(MessageDescriptor type) =>
        type.File.Name == "google/protobuf/wrappers.proto" ? type.Fields[1] : null;
}
