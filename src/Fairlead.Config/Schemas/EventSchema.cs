namespace Fairlead.Config.Schemas;

/// <summary>The kind Event of core/v1. Names, numbers and merge keys are those of Kubernetes 1.31's API; the form is <see cref="SchemaText"/>'s.</summary>
internal static class EventSchema
{
    public const string Text = """
        @io.k8s.api.core.v1
        Event -- Something that happened to an object.
          1 metadata ObjectMeta required -- Names, labels and annotations of the object.
          2 involvedObject ObjectReference required
          3 reason string
          4 message string
          5 source EventSource
          6 firstTimestamp time
          7 lastTimestamp time
          8 count int32
          9 type string
          10 eventTime microtime
          11 series EventSeries
          12 action string
          13 related ObjectReference
          14 reportingComponent string
          15 reportingInstance string
        EventSource
          1 component string
          2 host string
        EventSeries
          1 count int32
          2 lastObservedTime microtime
        """;
}
