namespace Fairlead.Node.Pods;

/// <summary>A container that must not or cannot be made as its spec asks (CreateContainerConfigError); the message names the field and the remedy.</summary>
public sealed class ContainerRefusedException(string message) : Exception(message);
