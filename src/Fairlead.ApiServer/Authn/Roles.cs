using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Authn;

/// <summary>
/// Fixed roles in place of RBAC objects: the admin may all; the control plane and the node what they need;
/// every other service account (a pod's token) may ask about itself and no more.
/// </summary>
public static class Roles
{
    public const string ControlPlane = "system:serviceaccount:istio-system:istiod";
    private static readonly string[] Reading = ["get", "list", "watch"];
    private static readonly string[] Writing = ["create", "update", "patch", "delete"];

    private static readonly HashSet<string> SelfReviews =
        ["selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews"];

    private static readonly HashSet<string> ControlPlaneReads =
    [
        "namespaces", "nodes", "pods", "services", "endpoints", "endpointslices", "serviceaccounts", "configmaps", "secrets",
        "deployments", "replicasets", "customresourcedefinitions", "mutatingwebhookconfigurations", "validatingwebhookconfigurations",
        "leases", "events",
    ];

    private static readonly HashSet<string> ControlPlaneWrites =
    [
        "configmaps", "leases", "events", "mutatingwebhookconfigurations", "validatingwebhookconfigurations", "secrets",
    ];

    private static readonly HashSet<string> NodeReads =
        ["namespaces", "nodes", "pods", "services", "endpoints", "endpointslices", "serviceaccounts", "configmaps", "secrets", "leases", "events"];

    private static readonly HashSet<string> NodeWrites = ["nodes", "nodes/status", "pods", "pods/status", "events", "leases"];

    /// <summary>Whether the identity may do the verb on a resource (<c>plural</c> or <c>plural/subresource</c>).</summary>
    public static bool Allows(Identity identity, string verb, string group, string resource, string @namespace, string name)
    {
        if (identity.IsAdmin || SelfReviews.Contains(resource))
            return true;
        if (identity.Groups.Contains("system:nodes"))
            return AllowsNode(verb, resource);
        if (identity.User == ControlPlane)
            return AllowsControlPlane(verb, group, resource, @namespace, name);
        return false;
    }

    private static bool AllowsNode(string verb, string resource) => resource switch
    {
        "serviceaccounts/token" or "tokenreviews" or "subjectaccessreviews" => verb == "create",
        _ => (Reading.Contains(verb) && NodeReads.Contains(resource)) || (Writing.Contains(verb) && NodeWrites.Contains(resource)),
    };

    private static bool AllowsControlPlane(string verb, string group, string resource, string @namespace, string name)
    {
        var plural = resource.Split('/')[0];
        if (group.EndsWith(".istio.io", StringComparison.Ordinal))
            return Reading.Contains(verb) || (resource.EndsWith("/status", StringComparison.Ordinal) && verb is "update" or "patch");
        if (resource is "tokenreviews" or "subjectaccessreviews")
            return verb == "create";
        if (Reading.Contains(verb))
            return ControlPlaneReads.Contains(plural) && (plural != "secrets" || @namespace == "istio-system");
        // The mesh CA is a Secret of the root namespace; no other may be written.
        if (plural == "secrets")
            return @namespace == "istio-system" && Writing.Contains(verb) && (verb == "create" || name.StartsWith("istio-", StringComparison.Ordinal));
        return Writing.Contains(verb) && ControlPlaneWrites.Contains(plural);
    }

    /// <summary>The refusal's text, as the real server words it.</summary>
    public static string Denial(Identity identity, string verb, string group, string resource, string @namespace, string name)
    {
        var subject = name.Length > 0 ? $"{resource.Split('/')[0]}{(group.Length > 0 ? "." + group : "")} \"{name}\"" : $"{resource.Split('/')[0]}{(group.Length > 0 ? "." + group : "")}";
        var scope = @namespace.Length > 0 ? $"in the namespace \"{@namespace}\"" : "at the cluster scope";
        return $"{subject} is forbidden: User \"{identity.User}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {scope}";
    }

    /// <summary>The kinds that a refusal may name in its details.</summary>
    public static KindDescriptor? KindOf(string group, string resource) => KindTable.FindByPlural(group, resource.Split('/')[0]);
}
