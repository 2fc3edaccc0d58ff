using System.Text.Json.Nodes;
using Fairlead.ControlPlane.Translate;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Fairlead.ControlPlane.Serve;

/// <summary>xDS resources as JSON for people: proto3 JSON with field names as in the .proto files, nested Any unpacked where its type is known.</summary>
public static class XdsJson
{
    private static readonly Lazy<TypeRegistry> Registry = new(() => TypeRegistry.FromFiles(XdsFiles()));

    public static JsonObject Read(XdsResource resource)
    {
        var name = resource.TypeUrl[(resource.TypeUrl.LastIndexOf('/') + 1)..];
        if (Registry.Value.Find(name) is not { } type)
            return new JsonObject { ["error"] = $"{name} is not known here", ["bytes"] = resource.Body.Length };
        return Read(type.Parser.ParseFrom(resource.Body.ToArray()));
    }

    public static JsonObject Read(IMessage message)
    {
        var formatter = new JsonFormatter(JsonFormatter.Settings.Default.WithTypeRegistry(Registry.Value).WithPreserveProtoFieldNames(true));
        return (JsonObject)JsonNode.Parse(formatter.Format(message))!;
    }

    /// <summary>Every message that our own .proto files declare.</summary>
    private static FileDescriptor[] XdsFiles() =>
    [
        .. typeof(Envoy.Service.Discovery.V3.DiscoveryReflection).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Reflection", StringComparison.Ordinal) && type.IsAbstract && type.IsSealed)
            .Select(type => type.GetProperty("Descriptor")?.GetValue(null))
            .OfType<FileDescriptor>(),
    ];
}
