using System.Text.Json.Nodes;
using Fairlead.ControlPlane.Translate;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fairlead.Golden;

/// <summary>Resources as proto-JSON, with what is packed in <c>Any</c> unpacked.</summary>
internal static class XdsText
{
    private static readonly MessageDescriptor[] Messages = typeof(Envoy.Config.Listener.V3.Listener).Assembly.GetTypes()
        .Where(type => typeof(IMessage).IsAssignableFrom(type) && type is { IsAbstract: false, DeclaringType: null })
        .Select(type => ((IMessage)Activator.CreateInstance(type)!).Descriptor)
        .ToArray();

    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithTypeRegistry(TypeRegistry.FromMessages(Messages)));

    public static JsonNode ToJson(XdsResource resource)
    {
        var descriptor = Messages.Single(message => resource.TypeUrl.EndsWith("/" + message.FullName, StringComparison.Ordinal));
        var message = descriptor.Parser.ParseFrom(resource.Body.ToArray());
        return JsonNode.Parse(Print(message))!;
    }

    /// <summary>A message of which the contract has no declaration (it has no fields either) is shown by its type alone.</summary>
    private static string Print(IMessage message)
    {
        foreach (var any in Anys(message))
        {
            if (!Messages.Any(known => any.TypeUrl.EndsWith("/" + known.FullName, StringComparison.Ordinal)))
            {
                any.Value.Length.ShouldBe(0);
                var name = any.TypeUrl;
                any.TypeUrl = "type.googleapis.com/google.protobuf.Struct";
                any.Value = new Google.Protobuf.WellKnownTypes.Struct
                {
                    Fields = { ["@type"] = Google.Protobuf.WellKnownTypes.Value.ForString(name) },
                }.ToByteString();
            }
            else
            {
                any.Value = Normalised(any);
            }
        }

        return Formatter.Format(message);
    }

    private static ByteString Normalised(Google.Protobuf.WellKnownTypes.Any any)
    {
        var inner = Messages.Single(known => any.TypeUrl.EndsWith("/" + known.FullName, StringComparison.Ordinal)).Parser.ParseFrom(any.Value);
        Print(inner);
        return inner.ToByteString();
    }

    private static IEnumerable<Google.Protobuf.WellKnownTypes.Any> Anys(IMessage message)
    {
        if (message is Google.Protobuf.WellKnownTypes.Any any)
        {
            yield return any;
            yield break;
        }

        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder().Where(field => field.FieldType == FieldType.Message))
        {
            foreach (var found in Children(field, message).SelectMany(Anys))
                yield return found;
        }
    }

    private static IEnumerable<IMessage> Children(FieldDescriptor field, IMessage message) => field.Accessor.GetValue(message) switch
    {
        System.Collections.IDictionary map => map.Values.OfType<IMessage>(),
        System.Collections.IList list => list.OfType<IMessage>(),
        IMessage child => [child],
        _ => [],
    };
}
