using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Schemas;

/// <summary>The fields of kinds that are not built in: the envelope here, the rest as Fairlead.Config knows it.</summary>
internal static class CustomSchema
{
    private static readonly string[] Envelope = ["apiVersion", "kind", "metadata", "spec", "status"];

    /// <summary>The whole schema of a kind for OpenAPI; null where only the envelope is known.</summary>
    public static JsonObject? Document(KindDescriptor kind, string version) => null;

    public static void Check(ResourceRequest request, JsonObject body, List<string> faults)
    {
        foreach (var (name, _) in body.ToArray())
        {
            if (Envelope.Contains(name))
                continue;
            faults.Add($"unknown field \"{name}\"");
            body.Remove(name);
        }
        if (body["metadata"] is JsonObject metadata)
            StrictDecoder.CheckObject(request, metadata, BuiltinSchemas.ObjectMeta, "metadata", faults);
    }
}
