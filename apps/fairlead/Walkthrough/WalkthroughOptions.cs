namespace Fairlead.App.Walkthrough;

/// <param name="Language">Language of the words between the commands.</param>
/// <param name="IsStepwise">Wait for Enter before every step.</param>
/// <param name="IsKept">Leave the mesh up at the end, with a shell in it.</param>
/// <param name="UsesInternet">Call the real sites over the machine's network instead of the world in a namespace.</param>
internal sealed record WalkthroughOptions(Language Language, bool IsStepwise, bool IsKept, bool UsesInternet);
