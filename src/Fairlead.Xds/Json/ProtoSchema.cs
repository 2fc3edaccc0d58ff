using System.Collections.Concurrent;
using System.Text;

namespace Fairlead.Xds.Json;

/// <summary>
/// All declared messages and enums, read from the descriptor set that protoc writes beside the generated code. Google.Protobuf's
/// own descriptors would do, but building them makes delegates by reflection for every field: 0.3 s and 50 MB at start-up. What
/// a message declares is read when it is first asked for: a process sees few of the thousand. Thread-safe.
/// </summary>
public sealed class ProtoSchema
{
    private static readonly Lazy<ProtoSchema> Loaded = new(Load);

    private readonly byte[] _set;
    private readonly Dictionary<string, Place> _messagePlaces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Place> _enumPlaces = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, MessageSchema> _messages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, EnumSchema> _enums = new(StringComparer.Ordinal);

    private ProtoSchema(byte[] descriptorSet)
    {
        _set = descriptorSet;
        var set = new WireReader(descriptorSet);
        while (set.Read())
        {
            if (set.Field == 1) AddFile(set.Content);
        }
    }

    /// <summary>The schema of this assembly's messages; read on first use.</summary>
    public static ProtoSchema Default => Loaded.Value;

    /// <param name="fullName">"envoy.config.cluster.v3.Cluster".</param>
    public MessageSchema? Message(string fullName)
    {
        if (_messages.TryGetValue(fullName, out var known)) return known;
        return _messagePlaces.TryGetValue(fullName, out var place) ? _messages.GetOrAdd(fullName, ReadMessage(fullName, Bytes(place))) : null;
    }

    public EnumSchema? Enum(string fullName)
    {
        if (_enums.TryGetValue(fullName, out var known)) return known;
        return _enumPlaces.TryGetValue(fullName, out var place) ? _enums.GetOrAdd(fullName, ReadEnum(Bytes(place))) : null;
    }

    private static ProtoSchema Load()
    {
        using var resource = typeof(ProtoSchema).Assembly.GetManifestResourceStream("xds.protoset")
            ?? throw new InvalidOperationException("the descriptor set is missing from the assembly");
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return new ProtoSchema(bytes);
    }

    private static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    private ReadOnlySpan<byte> Bytes(Place place) => _set.AsSpan(place.Offset, place.Length);

    private Place PlaceOf(ReadOnlySpan<byte> part)
    {
        _set.AsSpan().Overlaps(part, out var offset);
        return new Place(offset, part.Length);
    }

    // FileDescriptorProto: package = 2, message_type = 4, enum_type = 5.
    private void AddFile(ReadOnlySpan<byte> bytes)
    {
        var package = string.Empty;
        var file = new WireReader(bytes);
        while (file.Read())
        {
            if (file.Field == 2) package = Text(file.Content);
        }
        file = new WireReader(bytes);
        while (file.Read())
        {
            if (file.Field == 4) AddMessage(package, file.Content);
            else if (file.Field == 5) AddEnum(package, file.Content);
        }
    }

    // DescriptorProto: name = 1, field = 2, nested_type = 3, enum_type = 4, options = 7 { map_entry = 7 }.
    private void AddMessage(string scope, ReadOnlySpan<byte> bytes)
    {
        var fullName = FullName(scope, bytes);
        _messagePlaces[fullName] = PlaceOf(bytes);
        var message = new WireReader(bytes);
        while (message.Read())
        {
            if (message.Field == 3) AddMessage(fullName, message.Content);
            else if (message.Field == 4) AddEnum(fullName, message.Content);
        }
    }

    private void AddEnum(string scope, ReadOnlySpan<byte> bytes) => _enumPlaces[FullName(scope, bytes)] = PlaceOf(bytes);

    /// <summary>Of a message or an enum: both have their name as field 1.</summary>
    private static string FullName(string scope, ReadOnlySpan<byte> bytes)
    {
        var name = string.Empty;
        var reader = new WireReader(bytes);
        while (name.Length == 0 && reader.Read())
        {
            if (reader.Field == 1) name = Text(reader.Content);
        }
        return scope.Length == 0 ? name : $"{scope}.{name}";
    }

    private static MessageSchema ReadMessage(string fullName, ReadOnlySpan<byte> bytes)
    {
        var isMapEntry = false;
        var fields = new List<FieldSchema>();
        var message = new WireReader(bytes);
        while (message.Read())
        {
            if (message.Field == 2) fields.Add(ReadField(message.Content));
            else if (message.Field == 7) isMapEntry = IsMapEntry(message.Content);
        }
        return new MessageSchema(fullName, isMapEntry, fields);
    }

    private static bool IsMapEntry(ReadOnlySpan<byte> options)
    {
        var reader = new WireReader(options);
        while (reader.Read())
        {
            if (reader.Field == 7) return reader.Number != 0;
        }
        return false;
    }

    // FieldDescriptorProto: name = 1, number = 3, label = 4 (3 = repeated), type = 5, type_name = 6, oneof_index = 9 (of "optional", too), json_name = 10.
    private static FieldSchema ReadField(ReadOnlySpan<byte> bytes)
    {
        string name = string.Empty, jsonName = string.Empty, typeName = string.Empty;
        int number = 0, type = 0;
        bool isRepeated = false, isInOneof = false;
        var field = new WireReader(bytes);
        while (field.Read())
        {
            switch (field.Field)
            {
                case 1: name = Text(field.Content); break;
                case 3: number = (int)field.Number; break;
                case 4: isRepeated = field.Number == 3; break;
                case 5: type = (int)field.Number; break;
                case 6: typeName = Text(field.Content).TrimStart('.'); break;
                case 9: isInOneof = true; break;
                case 10: jsonName = Text(field.Content); break;
            }
        }
        return new FieldSchema(name, jsonName.Length > 0 ? jsonName : name, number, type, typeName, isRepeated, isInOneof);
    }

    // EnumDescriptorProto: value = 2 { name = 1, number = 2 }.
    private static EnumSchema ReadEnum(ReadOnlySpan<byte> bytes)
    {
        var values = new List<(string, int)>();
        var reader = new WireReader(bytes);
        while (reader.Read())
        {
            if (reader.Field != 2) continue;
            string valueName = string.Empty;
            var number = 0;
            var value = new WireReader(reader.Content);
            while (value.Read())
            {
                if (value.Field == 1) valueName = Text(value.Content);
                else if (value.Field == 2) number = (int)value.Number;
            }
            values.Add((valueName, number));
        }
        return new EnumSchema(values);
    }

    /// <summary>Where a declaration stands in the descriptor set, in bytes.</summary>
    private readonly record struct Place(int Offset, int Length);
}
