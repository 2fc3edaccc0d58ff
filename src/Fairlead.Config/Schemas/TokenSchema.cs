namespace Fairlead.Config.Schemas;

/// <summary>Tokens and who they speak for. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class TokenSchema
{
    public const string Text = """
        @io.k8s.api.authentication.v1
        TokenReview
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec TokenReviewSpec -- What is wanted.
          3 status TokenReviewStatus -- What was last observed; written by the system.
        TokenReviewSpec
          1 token string
          2 audiences []string
        TokenReviewStatus
          1 authenticated bool
          2 user UserInfo
          4 audiences []string
          3 error string
        UserInfo
          1 username string
          2 uid string
          3 groups []string
          4 extra {}raw
        TokenRequest
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec TokenRequestSpec required -- What is wanted.
          3 status TokenRequestStatus -- What was last observed; written by the system.
        TokenRequestSpec
          1 audiences []string required
          4 expirationSeconds int64
          3 boundObjectRef BoundObjectReference
        BoundObjectReference
          1 kind string
          2 apiVersion string
          3 name string
          4 uid string
        TokenRequestStatus
          1 token string required
          2 expirationTimestamp time required
        SelfSubjectReview
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 status SelfSubjectReviewStatus -- What was last observed; written by the system.
        SelfSubjectReviewStatus
          1 userInfo UserInfo
        """;
}
