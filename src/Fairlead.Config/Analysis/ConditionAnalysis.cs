using Fairlead.Config.Kinds;

namespace Fairlead.Config.Analysis;

/// <summary>
/// IST0171: an Istio object whose status says that something is wrong with it. Not what our own control plane wrote there of its analysis: this analysis
/// says it in full.
/// </summary>
internal static class ConditionAnalysis
{
    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var target in model.Input.Objects)
        {
            if (!target.Group.EndsWith(".istio.io", StringComparison.Ordinal))
                continue;
            foreach (var condition in target.Status.List("conditions", Condition.Read))
            {
                if (condition is { Status: "False", Type: not ("Healthy" or "Accepted" or "Analyzed") })
                    sink.Warn(target, AnalysisCodes.NegativeCondition, "status.conditions",
                        $"{target.Kind} has negative status condition: {condition.Type}: {condition.Reason}: {condition.Message}", "correct what the condition names");
            }
        }
    }
}
