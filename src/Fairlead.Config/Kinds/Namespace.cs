namespace Fairlead.Config.Kinds;

/// <summary>A namespace; <paramref name="Phase"/> is Active or Terminating.</summary>
public sealed record Namespace(ObjectMeta Meta, string Phase)
{
    public static Namespace Read(KubeObject source) => new(ObjectMeta.Read(source), source.Status.Text("phase"));
}
