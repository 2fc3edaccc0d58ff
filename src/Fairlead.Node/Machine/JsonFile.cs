using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Node.Machine;

/// <summary>Small state files: written beside and renamed, so that a crash leaves the old or the new content, never half of one.</summary>
internal static class JsonFile
{
    public static JsonObject? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
        }
        catch (JsonException)
        {
            // A file that a power cut emptied: the caller begins anew, as without one.
            return null;
        }
    }

    public static void Write(string path, JsonNode content)
    {
        var beside = path + ".new";
        File.WriteAllText(beside, content.ToJsonString(JsonText.Relaxed));
        File.Move(beside, path, overwrite: true);
    }
}
