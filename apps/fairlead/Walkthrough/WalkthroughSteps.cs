namespace Fairlead.App.Walkthrough;

/// <summary>The walkthrough in order: prepare, watch a call pass through, manage it, clean up; then the task that it refers to.</summary>
internal static class WalkthroughSteps
{
    public static IReadOnlyList<Step> All { get; } = [.. PreparationSteps.All, .. PassthroughSteps.All, .. ManagedSteps.All, .. EgressSteps.All];
}
