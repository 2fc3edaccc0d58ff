using System.Text.Json.Nodes;
using Fairlead.Config.Analysis;
using Fairlead.Config.Validation;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Status;

/// <summary>One condition as it should be; its times are the writer's.</summary>
public sealed record Condition(string Type, bool IsTrue, string Reason, string Message);

/// <summary>
/// What an object's status should say (istio.meta.v1alpha1.IstioStatus: conditions, validationMessages, observedGeneration). A function of what was
/// found; no counters and no times, so that it changes only when something changes for the object.
/// </summary>
public static class ObjectStatus
{
    /// <summary>Longest message of a condition, characters: Kubernetes' own limit for conditions is 32,768.</summary>
    private const int MessageLimit = 4096;

    private static readonly string[] ConflictCodes = [AnalysisCodes.ConflictingMeshHosts, AnalysisCodes.ConflictingEntryProtocol, AnalysisCodes.ShadowedEntry];

    /// <summary>Findings that other conditions carry: conflicts, fields that do not act (translation knows all of them), and what the status itself said before.</summary>
    private static readonly string[] SaidElsewhere = [.. ConflictCodes, AnalysisCodes.NotActedOn, AnalysisCodes.NegativeCondition];

    /// <param name="findings">What validation and analysis say of the object.</param>
    /// <param name="translation">What translation says of it.</param>
    /// <param name="rejections">Reasons of proxies that refused resources made from it.</param>
    public static IReadOnlyList<Condition> Conditions(
        IReadOnlyCollection<Finding> findings, IReadOnlyCollection<TranslationFinding> translation, IReadOnlyCollection<string> rejections)
    {
        var conditions = new List<Condition>();
        var invalid = findings.Where(finding => finding.Severity == Severity.Error && !finding.Code.StartsWith("IST", StringComparison.Ordinal)).ToList();
        conditions.Add(invalid.Count == 0
            ? new Condition("Accepted", true, "Accepted", "the configuration is valid")
            : new Condition("Accepted", false, "Invalid", Join(invalid.Select(Sentence))));
        var conflicts = findings.Where(finding => ConflictCodes.Contains(finding.Code)).Select(Sentence)
            .Concat(translation.Where(finding => finding.Code == FindingCodes.Shadowed).Select(Sentence)).ToList();
        if (conflicts.Count > 0)
            conditions.Add(new Condition("Conflicted", true, "Shadowed", Join(conflicts)));
        var ignored = translation.Where(finding => finding.Code == FindingCodes.NotSupported).Select(Sentence).ToList();
        if (ignored.Count > 0)
            conditions.Add(new Condition("FieldsIgnored", true, FindingCodes.NotSupported, Join(ignored)));
        var others = findings.Except(invalid).Where(finding => finding.Severity >= Severity.Warning && !SaidElsewhere.Contains(finding.Code)).ToList();
        var effects = others.Select(Sentence)
            .Concat(translation.Where(finding => finding.Code is FindingCodes.NotFound or FindingCodes.NoEffect).Select(Sentence)).ToList();
        if (effects.Count > 0)
            conditions.Add(new Condition("Analyzed", false, others.Count > 0 ? others[0].Code : "Translation", Join(effects)));
        if (rejections.Count > 0)
            conditions.Add(new Condition("Programmed", false, "RejectedByProxies", Join(rejections)));
        return conditions;
    }

    /// <summary>The status to write: conditions keep the transition time of what was there when their status has not changed.</summary>
    /// <param name="now">RFC 3339 time of this writing.</param>
    public static JsonObject Render(IReadOnlyList<Condition> conditions, IReadOnlyCollection<Finding> findings, long generation, JsonObject? before, string now)
    {
        var old = (before?["conditions"] as JsonArray ?? []).OfType<JsonObject>().ToLookup(condition => (string?)condition["type"] ?? "");
        return new JsonObject
        {
            ["conditions"] = new JsonArray([.. conditions.Select(condition =>
            {
                var status = condition.IsTrue ? "True" : "False";
                var known = old[condition.Type].FirstOrDefault();
                return (JsonNode)new JsonObject
                {
                    ["type"] = condition.Type,
                    ["status"] = status,
                    ["reason"] = condition.Reason,
                    ["message"] = condition.Message,
                    ["lastTransitionTime"] = (string?)known?["status"] == status && known?["lastTransitionTime"] is { } since ? since.DeepClone() : now,
                };
            })]),
            ["validationMessages"] = new JsonArray([.. findings.Where(finding => finding.Severity >= Severity.Warning)
                .Select(finding => (finding.Code, finding.Severity)).Distinct().OrderBy(pair => pair.Code, StringComparer.Ordinal)
                .Select(pair => (JsonNode)new JsonObject
                {
                    ["type"] = new JsonObject { ["code"] = pair.Code },
                    ["level"] = pair.Severity == Severity.Error ? "ERROR" : "WARNING",
                })]),
            ["observedGeneration"] = generation.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    /// <summary>Whether a stored status says the same, times aside.</summary>
    public static bool IsSame(JsonObject? stored, JsonObject wanted) => stored is not null && JsonNode.DeepEquals(WithoutTimes(stored), WithoutTimes(wanted));

    private static JsonObject WithoutTimes(JsonObject status)
    {
        var copy = new JsonObject();
        foreach (var field in (string[])["conditions", "validationMessages", "observedGeneration"])
        {
            // An empty list is stored as none.
            if (status[field] is not null and not JsonArray { Count: 0 })
                copy[field] = status[field]!.DeepClone();
        }
        foreach (var condition in (copy["conditions"] as JsonArray ?? []).OfType<JsonObject>())
        {
            condition.Remove("lastTransitionTime");
            condition.Remove("lastProbeTime");
        }
        return copy;
    }

    private static string Sentence(Finding finding) =>
        $"{finding.Path}: {finding.Message}{(finding.Remedy.Length > 0 ? "; " + finding.Remedy : "")} [{finding.Code}]";

    private static string Sentence(TranslationFinding finding) => finding.Field.Length > 0 ? $"{finding.Field}: {finding.Message}" : finding.Message;

    private static string Join(IEnumerable<string> sentences)
    {
        var text = string.Join("\n", sentences.Distinct(StringComparer.Ordinal));
        return text.Length <= MessageLimit ? text : text[..(MessageLimit - 4)] + " ...";
    }
}
