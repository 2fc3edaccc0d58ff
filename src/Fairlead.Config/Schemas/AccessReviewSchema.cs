namespace Fairlead.Config.Schemas;

/// <summary>Questions about permissions. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class AccessReviewSchema
{
    public const string Text = """
        @io.k8s.api.authorization.v1
        SelfSubjectAccessReview
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec SelfSubjectAccessReviewSpec -- What is wanted.
          3 status SubjectAccessReviewStatus -- What was last observed; written by the system.
        SelfSubjectAccessReviewSpec
          1 resourceAttributes ResourceAttributes
          2 nonResourceAttributes NonResourceAttributes
        ResourceAttributes
          1 namespace string
          2 verb string
          3 group string
          4 version string
          5 resource string
          6 subresource string
          7 name string
          8 fieldSelector FieldSelectorAttributes
          9 labelSelector LabelSelectorAttributes
        FieldSelectorAttributes
          1 rawSelector string
          2 requirements []FieldSelectorRequirement
        LabelSelectorAttributes
          1 rawSelector string
          2 requirements []LabelSelectorRequirement
        NonResourceAttributes
          1 path string
          2 verb string
        SubjectAccessReviewStatus
          1 allowed bool required
          4 denied bool
          2 reason string
          3 evaluationError string
        SubjectAccessReview
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec SubjectAccessReviewSpec required -- What is wanted.
          3 status SubjectAccessReviewStatus -- What was last observed; written by the system.
        SubjectAccessReviewSpec
          1 resourceAttributes ResourceAttributes
          2 nonResourceAttributes NonResourceAttributes
          3 user string
          4 groups []string
          5 extra {}raw
          6 uid string
        SelfSubjectRulesReview
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec SelfSubjectRulesReviewSpec required -- What is wanted.
          3 status SubjectRulesReviewStatus -- What was last observed; written by the system.
        SelfSubjectRulesReviewSpec
          1 namespace string
        SubjectRulesReviewStatus
          1 resourceRules []ResourceRule required
          2 nonResourceRules []NonResourceRule required
          3 incomplete bool required
          4 evaluationError string
        ResourceRule
          1 verbs []string required
          2 apiGroups []string
          3 resources []string
          4 resourceNames []string
        NonResourceRule
          1 verbs []string required
          2 nonResourceURLs []string
        """;
}
