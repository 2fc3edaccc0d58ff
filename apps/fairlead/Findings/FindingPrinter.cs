using System.Text.Json.Nodes;
using Fairlead.App.CommandLine;
using Fairlead.Config.Validation;

namespace Fairlead.App.Findings;

/// <summary>Prints findings: lines as istioctl's with the remedy below each, or its JSON shape (ours adds field and remedy), or SARIF 2.1.0.</summary>
internal static class FindingPrinter
{
    private const string Documentation = "https://istio.io/v1.22/docs/reference/config/analysis/";

    /// <summary>One line per finding and its remedy; colours only where <paramref name="colours"/>.</summary>
    public static void WriteLines(TextWriter writer, IEnumerable<Finding> findings, bool colours)
    {
        foreach (var finding in findings)
        {
            var level = colours ? $"{Colour(finding.Severity)}{finding.Severity}\u001b[0m" : finding.Severity.ToString();
            var place = finding.Position is { } at ? $"{(finding.Origin.Length > 0 ? " " : "")}{at}" : "";
            writer.WriteLine($"{level} [{finding.Code}] ({finding.Origin}{place}) {(finding.Path.Length > 0 ? finding.Path + ": " : "")}{finding.Message}");
            if (finding.Remedy.Length > 0)
                writer.WriteLine($"    {finding.Remedy}");
        }
    }

    public static void WriteStructured(TextWriter writer, IEnumerable<Finding> findings, OutputFormat format) =>
        StructuredOutput.Write(writer, new JsonArray([.. findings.Select(finding => (JsonNode)Json(finding))]), format);

    public static void WriteSarif(TextWriter writer, IReadOnlyList<Finding> findings)
    {
        var rules = findings.Select(finding => finding.Code).Distinct().Order(StringComparer.Ordinal)
            .Select(code => (JsonNode)new JsonObject { ["id"] = code, ["helpUri"] = Url(code) });
        var log = new JsonObject
        {
            ["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json",
            ["version"] = "2.1.0",
            ["runs"] = new JsonArray(new JsonObject
            {
                ["tool"] = new JsonObject { ["driver"] = new JsonObject { ["name"] = "fairlead", ["rules"] = new JsonArray([.. rules]) } },
                ["results"] = new JsonArray([.. findings.Select(finding => (JsonNode)SarifResult(finding))]),
            }),
        };
        StructuredOutput.Write(writer, log, OutputFormat.Json);
    }

    private static JsonObject Json(Finding finding)
    {
        var json = new JsonObject
        {
            ["code"] = finding.Code,
            ["documentationUrl"] = Url(finding.Code),
            ["field"] = finding.Path,
            ["level"] = finding.Severity.ToString(),
            ["message"] = finding.Message,
            ["origin"] = finding.Origin,
            ["remedy"] = finding.Remedy,
        };
        if (finding.Position is { } at)
            json["reference"] = at.ToString();
        return json;
    }

    private static JsonObject SarifResult(Finding finding)
    {
        var result = new JsonObject
        {
            ["ruleId"] = finding.Code,
            ["level"] = finding.Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "note" },
            ["message"] = new JsonObject { ["text"] = $"{finding.Origin}: {finding.Path}: {finding.Message} ({finding.Remedy})" },
        };
        var location = new JsonObject
        {
            ["logicalLocations"] = new JsonArray(new JsonObject { ["fullyQualifiedName"] = $"{finding.Origin} {finding.Path}".Trim() }),
        };
        if (finding.Position is { } at)
        {
            location["physicalLocation"] = new JsonObject
            {
                ["artifactLocation"] = new JsonObject { ["uri"] = at.Path.Length == 0 ? "stdin" : at.Path.Replace('\\', '/') },
                ["region"] = new JsonObject { ["startLine"] = at.Line, ["startColumn"] = at.Column },
            };
        }
        result["locations"] = new JsonArray(location);
        return result;
    }

    private static string Url(string code) =>
        code.StartsWith("IST", StringComparison.Ordinal) ? $"{Documentation}{code.ToLowerInvariant()}/" : "";

    private static string Colour(Severity severity) => severity switch
    {
        Severity.Error => "\u001b[1;31m",
        Severity.Warning => "\u001b[33m",
        _ => "\u001b[1;32m",
    };
}
