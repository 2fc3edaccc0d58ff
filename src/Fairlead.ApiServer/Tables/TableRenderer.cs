using System.Text.Json.Nodes;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Tables;

/// <summary>Objects as meta/v1 Tables, which is what kubectl prints.</summary>
internal sealed class TableRenderer(TimeProvider time)
{
    public JsonObject Render(KindDescriptor kind, string version, IReadOnlyList<KubeObject> objects, string revision, string tableVersion, string include)
    {
        var columns = KindColumns.Of(kind);
        var now = time.GetUtcNow();
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/" + tableVersion,
            ["metadata"] = new JsonObject { ["resourceVersion"] = revision },
            ["columnDefinitions"] = new JsonArray([.. columns.Select(Definition)]),
            ["rows"] = new JsonArray([.. objects.Select(item => Row(kind, version, item, columns, now, tableVersion, include))]),
        };
    }

    /// <summary>The object's metadata alone, as <c>PartialObjectMetadata</c>.</summary>
    public static JsonObject MetadataOnly(KubeObject source, string version) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/" + version,
        ["metadata"] = source.Metadata.DeepClone(),
    };

    private static JsonObject Definition(TableColumn column) => new()
    {
        ["name"] = column.Name,
        ["type"] = column.Type,
        ["format"] = column.Format,
        ["description"] = column.Description,
        ["priority"] = column.Priority,
    };

    private static JsonObject Row(
        KindDescriptor kind, string version, KubeObject item, IReadOnlyList<TableColumn> columns, DateTimeOffset now, string tableVersion, string include)
    {
        var row = new JsonObject { ["cells"] = new JsonArray([.. columns.Select(column => column.Cell(item, now))]) };
        var conditions = KindColumns.Conditions(kind, item);
        if (conditions is not null)
            row["conditions"] = conditions;
        switch (include)
        {
            case "None":
                break;
            case "Object":
                var whole = item.DeepClone().Root;
                whole["apiVersion"] = kind.ApiVersion(version);
                row["object"] = whole;
                break;
            case "" or "Metadata":
                row["object"] = MetadataOnly(item, tableVersion);
                break;
            default:
                throw Refusal.BadRequest($"unrecognized includeObject value: \"{include}\"");
        }
        return row;
    }
}
