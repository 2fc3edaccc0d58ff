namespace Fairlead.KubeClient;

/// <summary>Which objects of a kind a list or watch covers. Empty fields do not restrict.</summary>
public sealed record ListScope
{
    public static ListScope Everywhere { get; } = new();

    public string Namespace { get; init; } = "";
    public string LabelSelector { get; init; } = "";
    public string FieldSelector { get; init; } = "";
}
