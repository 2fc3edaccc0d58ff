using Fairlead.Config.Kinds;

namespace Fairlead.Node.Pods;

/// <summary>Something that a pod's worker must know: exactly one of the members is set.</summary>
internal sealed record PodSignal(KubeObject? Desired = null, bool IsGone = false, string ExitedContainer = "", ProbeOutcome? Probe = null);

/// <summary>A probe of one container run crossed its threshold.</summary>
internal sealed record ProbeOutcome(string Container, string ContainerId, string Kind, bool Passed, string Said);
