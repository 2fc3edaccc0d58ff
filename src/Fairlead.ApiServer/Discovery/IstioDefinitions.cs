using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Schemas;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Discovery;

/// <summary>Istio's kinds as CustomResourceDefinitions, so that tools which look for them there find them.</summary>
internal static class IstioDefinitions
{
    public static JsonObject Of(KindDescriptor kind)
    {
        var names = Names(kind);
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = "istio-pilot", ["chart"] = "istio", ["istio"] = "pilot" } },
            ["spec"] = new JsonObject
            {
                ["group"] = kind.Group,
                ["names"] = names,
                ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
                ["versions"] = new JsonArray([.. kind.Versions.Select(version => Version(kind, version))]),
                ["conversion"] = new JsonObject { ["strategy"] = "None" },
            },
            ["status"] = new JsonObject
            {
                ["acceptedNames"] = names.DeepClone(),
                ["conditions"] = new JsonArray(
                    Condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                    Condition("Established", "InitialNamesAccepted", "the initial names have been accepted")),
                ["storedVersions"] = JsonPath.TextArray(kind.StorageVersion),
            },
        };
    }

    private static JsonObject Names(KindDescriptor kind)
    {
        var names = new JsonObject { ["kind"] = kind.Kind, ["listKind"] = kind.Kind + "List", ["plural"] = kind.Plural, ["singular"] = kind.Singular };
        if (kind.ShortNames.Count > 0)
            names["shortNames"] = JsonPath.TextArray(kind.ShortNames);
        if (kind.Categories.Count > 0)
            names["categories"] = JsonPath.TextArray(kind.Categories);
        return names;
    }

    private static JsonObject Version(KindDescriptor kind, string version)
    {
        var described = new JsonObject
        {
            ["name"] = version,
            ["served"] = true,
            ["storage"] = version == kind.StorageVersion,
            ["schema"] = new JsonObject
            {
                ["openAPIV3Schema"] = new JsonObject
                {
                    ["type"] = "object",
                    ["description"] = CustomSchema.Description(kind, version),
                    ["properties"] = CustomSchema.Properties(kind, version),
                },
            },
            ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
        };
        if (kind.PrinterColumns.Count > 0)
        {
            described["additionalPrinterColumns"] = new JsonArray([.. kind.PrinterColumns.Select(column => new JsonObject
            {
                ["name"] = column.Name,
                ["type"] = column.Type,
                ["jsonPath"] = column.JsonPath,
                ["priority"] = (long)column.Priority,
            })]);
        }
        return described;
    }

    private static JsonObject Condition(string type, string reason, string message) =>
        new() { ["type"] = type, ["status"] = "True", ["reason"] = reason, ["message"] = message };
}
