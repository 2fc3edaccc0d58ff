using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Discovery;

/// <summary>A subresource as discovery names it; its kind may be of another group (<c>autoscaling/v1 Scale</c>).</summary>
internal sealed record ServedSubresource(string Name, string Group, string Version, string Kind, string[] Verbs);

/// <summary>What is served in which group and version, beyond the kinds' table: subresources and the resources that are only posted.</summary>
internal static class ServedResources
{
    public static string[] ObjectVerbs { get; } = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly string[] StatusVerbs = ["get", "patch", "update"];
    private static readonly string[] CreateVerbs = ["create"];
    private static readonly string[] StreamVerbs = ["create", "get"];
    private static readonly string[] GetVerbs = ["get"];

    /// <summary>Resources that exist only as a question: group, version, plural, kind, namespaced.</summary>
    public static IReadOnlyList<(string Group, string Plural, string Kind)> Reviews { get; } =
    [
        ("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview"),
        ("authentication.k8s.io", "tokenreviews", "TokenReview"),
        ("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview"),
        ("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview"),
        ("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview"),
    ];

    /// <summary>Groups in the order of discovery; the core group first.</summary>
    public static IReadOnlyList<string> Groups { get; } =
        [.. KindTable.All.Select(kind => kind.Group).Concat(Reviews.Select(review => review.Group)).Distinct().OrderBy(Rank)];

    public static IReadOnlyList<string> Versions(string group) =>
        [.. KindTable.All.Where(kind => kind.Group == group).SelectMany(kind => kind.Versions).Distinct().DefaultIfEmpty("v1")];

    public static IEnumerable<KindDescriptor> Kinds(string group, string version) =>
        KindTable.All.Where(kind => kind.Group == group && kind.Versions.Contains(version));

    public static IEnumerable<ServedSubresource> Subresources(KindDescriptor kind, string version)
    {
        if (kind.HasStatus)
            yield return new("status", kind.Group, version, kind.Kind, StatusVerbs);
        if (kind.HasScale)
            yield return new("scale", "autoscaling", "v1", "Scale", StatusVerbs);
        if (kind == KindTable.Pod)
        {
            yield return new("attach", "", "v1", "PodAttachOptions", StreamVerbs);
            yield return new("binding", "", "v1", "Binding", CreateVerbs);
            yield return new("exec", "", "v1", "PodExecOptions", StreamVerbs);
            yield return new("log", "", "v1", "Pod", GetVerbs);
            yield return new("portforward", "", "v1", "PodPortForwardOptions", StreamVerbs);
        }
        if (kind == KindTable.ServiceAccount)
            yield return new("token", "authentication.k8s.io", "v1", "TokenRequest", CreateVerbs);
    }

    private static int Rank(string group) => group switch
    {
        "" => 0,
        "apps" => 1,
        _ => 2,
    };
}
