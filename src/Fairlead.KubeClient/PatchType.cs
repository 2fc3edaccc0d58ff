namespace Fairlead.KubeClient;

/// <summary>The patch formats of the Kubernetes API by their media types.</summary>
public enum PatchType
{
    /// <summary>RFC 7386, <c>application/merge-patch+json</c>.</summary>
    Merge,

    /// <summary>Server-side apply, <c>application/apply-patch+yaml</c>; needs a field manager.</summary>
    Apply,

    /// <summary>RFC 6902, <c>application/json-patch+json</c>.</summary>
    Json,

    /// <summary><c>application/strategic-merge-patch+json</c>; only Kubernetes' own kinds know it.</summary>
    StrategicMerge,
}
