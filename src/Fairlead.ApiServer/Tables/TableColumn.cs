using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Tables;

/// <summary>One column of a kind's table: what kubectl prints above it, and the cell of an object at a moment.</summary>
internal sealed record TableColumn(string Name, string Type, Func<KubeObject, DateTimeOffset, JsonNode?> Cell)
{
    /// <summary>0: always; 1: only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }

    public string Format { get; init; } = "";

    public string Description { get; init; } = "";
}
