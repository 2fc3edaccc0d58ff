using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fairlead.Xds.Tests.Genuine;

/// <summary>
/// Our selection of Envoy's messages is Envoy's: names, numbers, types and oneofs agree with the genuine definitions, and what one side
/// writes the other reads.
/// </summary>
public sealed class GenuineSchemaTests
{
    /// <summary>Packages that the npm package does not carry: Istio's own, ours, and what Google.Protobuf brings itself.</summary>
    private static readonly string[] OwnPackages = ["fairlead.", "istio.", "stats", "io.istio.", "google.protobuf", "envoy.tcp.metadataexchange"];

    private static readonly IReadOnlyList<IMessage> NoSamples = [];

    private static readonly IReadOnlyList<MessageDescriptor> Declared =
    [
        .. typeof(Envoy.Config.Core.V3.SocketAddress).Assembly.GetTypes()
            .Where(type => type.IsPublic && type.Name.EndsWith("Reflection", StringComparison.Ordinal))
            .Select(type => type.GetProperty("Descriptor")?.GetValue(null)).OfType<FileDescriptor>()
            .OrderBy(file => file.Name, StringComparer.Ordinal).SelectMany(file => file.MessageTypes).SelectMany(WithNested)
            .Where(IsGenuine),
    ];

    [Fact]
    public async Task Every_field_is_the_genuine_one()
    {
        Declared.Count.ShouldBeGreaterThan(200);
        var answers = await GenuineSchema.AskAsync([.. Declared.Select(type => (type, NoSamples))]);
        var faults = Declared.Zip(answers).SelectMany(pair => Differences(pair.First, pair.Second)).ToList();
        // Each way: what the package does not know must be listed, and what is listed must be unknown to it.
        faults.ShouldBe(NewerFields.Differences, ignoreOrder: true, string.Join('\n', faults));
    }

    [Fact]
    public async Task What_one_side_writes_the_other_reads()
    {
        var known = await GenuineSchema.AskAsync([.. Declared.Select(type => (type, NoSamples))]);
        var fields = known.SelectMany(message => message.Fields.Keys.Select(field => $"{message.Type}.{field}")).ToHashSet();
        var samples = new SampleMessages(field => IsGenuine(field.ContainingType) && !fields.Contains(field.FullName));
        var requests = Declared.Where(type => !known.Single(message => message.Type == type.FullName).Missing)
            .Select(type => (Type: type, Samples: samples.Of(type))).ToList();
        var faults = new List<string>();
        foreach (var (request, answer) in requests.Zip(await GenuineSchema.AskAsync(requests)))
        {
            foreach (var (sample, returned) in request.Samples.Zip(answer.Samples, (sample, text) => (sample, Convert.FromBase64String(text))))
            {
                var read = request.Type.Parser.ParseFrom(returned);
                if (!read.Equals(sample))
                {
                    faults.Add($"{request.Type.FullName}: wrote {sample}, came back as {read}");
                }
            }
        }
        faults.ShouldBeEmpty(string.Join('\n', faults));
    }

    [Fact]
    public async Task A_wrong_number_would_be_seen()
    {
        var type = Envoy.Config.Core.V3.SocketAddress.Descriptor;
        var genuine = (await GenuineSchema.AskAsync([(type, NoSamples)])).ShouldHaveSingleItem();
        var address = type.FindFieldByName("address");
        Differences(address, genuine).ShouldBeEmpty();
        var wrong = genuine with { Fields = new(genuine.Fields) { ["address"] = genuine.Fields["address"] with { Number = 9 } } };
        Differences(address, wrong).ShouldHaveSingleItem().ShouldContain("number 2, genuine 9");
    }

    private static bool IsGenuine(MessageDescriptor type) => !OwnPackages.Any(own => type.FullName.StartsWith(own, StringComparison.Ordinal));

    private static IEnumerable<string> Differences(MessageDescriptor type, GenuineMessage genuine) =>
        genuine.Missing ? [$"{type.FullName}: no such message"] : type.Fields.InDeclarationOrder().SelectMany(field => Differences(field, genuine));

    private static IEnumerable<MessageDescriptor> WithNested(MessageDescriptor type) =>
        type.GetOptions()?.MapEntry == true ? [] : type.NestedTypes.SelectMany(WithNested).Prepend(type);

    private static IEnumerable<string> Differences(FieldDescriptor field, GenuineMessage genuine)
    {
        if (!genuine.Fields.TryGetValue(field.Name, out var other))
        {
            yield return $"{field.FullName}: no such field";
            yield break;
        }
        if (field.FieldNumber != other.Number)
        {
            yield return $"{field.FullName}: number {field.FieldNumber}, genuine {other.Number}";
        }
        if (TypeName(field) != other.Type || field.IsMap != other.Map || (field.IsRepeated && !field.IsMap) != other.Repeated)
        {
            yield return $"{field.FullName}: {TypeName(field)} (repeated {field.IsRepeated}, map {field.IsMap}), genuine {other}";
        }
        if ((field.RealContainingOneof?.Name ?? "") != other.Oneof)
        {
            yield return $"{field.FullName}: in oneof '{field.RealContainingOneof?.Name}', genuine '{other.Oneof}'";
        }
        if (field.FieldType == FieldType.Enum && genuine.Enums.TryGetValue(field.EnumType.FullName, out var values))
        {
            foreach (var value in field.EnumType.Values.Where(value => !values.TryGetValue(value.Name, out var number) || number != value.Number))
            {
                yield return $"{field.FullName}: {value.Name} = {value.Number} is not a genuine value";
            }
        }
    }

    private static string TypeName(FieldDescriptor field)
    {
        var typed = field.IsMap ? field.MessageType.Fields[2] : field;
        return typed.FieldType switch
        {
            FieldType.Message => typed.MessageType.FullName,
            FieldType.Enum => typed.EnumType.FullName,
            _ => typed.FieldType.ToString().ToLowerInvariant(),
        };
    }
}
