namespace Fairlead.Config.Schemas;

/// <summary>The kind Lease. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class LeaseSchema
{
    public const string Text = """
        @io.k8s.api.coordination.v1
        Lease -- Who holds a lock, and until when.
          1 metadata ObjectMeta -- Names, labels and annotations of the object.
          2 spec LeaseSpec -- What is wanted.
        LeaseSpec
          1 holderIdentity string
          2 leaseDurationSeconds int32
          3 acquireTime microtime
          4 renewTime microtime
          5 leaseTransitions int32
          6 strategy string
          7 preferredHolder string
        """;
}
