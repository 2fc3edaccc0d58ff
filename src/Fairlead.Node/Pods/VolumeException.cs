namespace Fairlead.Node.Pods;

/// <summary>A volume or an environment variable names something that is not there (yet); the pod waits and tries again.</summary>
public sealed class VolumeException(string message) : Exception(message);
