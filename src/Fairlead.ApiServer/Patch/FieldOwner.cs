using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;

namespace Fairlead.ApiServer.Patch;

/// <summary>One entry of <c>metadata.managedFields</c>: who wrote, by which operation (<c>Apply</c>, <c>Update</c>), in which version, when, and the fields.</summary>
internal sealed record FieldOwner(string Name, string Operation, string ApiVersion, string Time, string Subresource, FieldSet Fields)
{
    public const string Apply = "Apply";
    public const string Update = "Update";

    public static List<FieldOwner> Read(JsonNode? managedFields) =>
    [
        .. (managedFields as JsonArray ?? []).OfType<JsonObject>().Where(entry => entry.TextAt("manager").Length > 0).Select(entry => new FieldOwner(
            entry.TextAt("manager"), entry.TextAt("operation"), entry.TextAt("apiVersion"), entry.TextAt("time"), entry.TextAt("subresource"),
            FieldSet.Parse(entry["fieldsV1"] as JsonObject))),
    ];

    /// <summary>Apply first, then by time, as the real server sorts them; those that own nothing are left out.</summary>
    public static JsonArray Write(IEnumerable<FieldOwner> managers) => new(
    [
        .. managers.Where(one => !one.Fields.IsEmpty)
            .OrderBy(one => one.Operation, StringComparer.Ordinal).ThenBy(one => one.Time, StringComparer.Ordinal).ThenBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => (JsonNode)one.ToJson()),
    ]);

    /// <summary>How a conflict names it.</summary>
    public string Describe()
    {
        var text = Subresource.Length > 0 ? $"\"{Name}\" with subresource \"{Subresource}\"" : $"\"{Name}\"";
        if (Operation == Apply)
            return text;
        return Time.Length > 0 ? $"{text} using {ApiVersion} at {Time}" : $"{text} using {ApiVersion}";
    }

    private JsonObject ToJson()
    {
        var entry = new JsonObject { ["manager"] = Name, ["operation"] = Operation, ["apiVersion"] = ApiVersion };
        if (Time.Length > 0)
            entry["time"] = Time;
        entry["fieldsType"] = "FieldsV1";
        entry["fieldsV1"] = Fields.ToJson();
        if (Subresource.Length > 0)
            entry["subresource"] = Subresource;
        return entry;
    }
}
