using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>An identity of workloads. <paramref name="AutomountToken"/> is null when not given (which mounts).</summary>
public sealed record ServiceAccount(ObjectMeta Meta, bool? AutomountToken, ValueList<string> ImagePullSecrets)
{
    public static ServiceAccount Read(KubeObject source) => new(
        ObjectMeta.Read(source),
        source.Root.OptionalFlag("automountServiceAccountToken"),
        source.Root.List("imagePullSecrets", item => item.Text("name")));
}
