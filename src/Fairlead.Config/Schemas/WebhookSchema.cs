namespace Fairlead.Config.Schemas;

/// <summary>The two webhook configurations. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class WebhookSchema
{
    public const string Text = """
        @io.k8s.api.admissionregistration.v1
        ValidatingWebhookConfiguration -- Servers that may refuse requests.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 Webhooks []ValidatingWebhook keys=name merge=name
        ValidatingWebhook
          1 name string required
          2 clientConfig WebhookClientConfig required
          3 rules []RuleWithOperations
          4 failurePolicy string enum=Ignore|Fail
          9 matchPolicy string enum=Exact|Equivalent
          5 namespaceSelector LabelSelector
          10 objectSelector LabelSelector
          6 sideEffects string required enum=Unknown|None|Some|NoneOnDryRun
          7 timeoutSeconds int32
          8 admissionReviewVersions []string required
          11 matchConditions []MatchCondition keys=name merge=name
        WebhookClientConfig
          3 url string
          1 service ServiceReference
          2 caBundle bytes
        ServiceReference
          1 namespace string required
          2 name string required
          3 path string
          4 port int32
        RuleWithOperations
          1 operations []string enum=*|CREATE|UPDATE|DELETE|CONNECT
          2 rule Rule inline
        Rule
          1 apiGroups []string
          2 apiVersions []string
          3 resources []string
          4 scope string enum=Cluster|Namespaced|*
        MatchCondition
          1 name string required
          2 expression string required
        MutatingWebhookConfiguration -- Servers that may change requests.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 Webhooks []MutatingWebhook keys=name merge=name
        MutatingWebhook
          1 name string required
          2 clientConfig WebhookClientConfig required
          3 rules []RuleWithOperations
          4 failurePolicy string enum=Ignore|Fail
          9 matchPolicy string enum=Exact|Equivalent
          5 namespaceSelector LabelSelector
          11 objectSelector LabelSelector
          6 sideEffects string required enum=Unknown|None|Some|NoneOnDryRun
          7 timeoutSeconds int32
          8 admissionReviewVersions []string required
          10 reinvocationPolicy string enum=Never|IfNeeded
          12 matchConditions []MatchCondition keys=name merge=name
        """;
}
