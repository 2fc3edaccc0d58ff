namespace Fairlead.KubeClient;

/// <summary>A kubeconfig that cannot be used: the message names the file, the field and what to do.</summary>
public sealed class KubeConfigException(string message, Exception? inner = null) : Exception(message, inner);
