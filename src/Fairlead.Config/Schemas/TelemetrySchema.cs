namespace Fairlead.Config.Schemas;

/// <summary>The kind Telemetry; fields and limits are those of Istio's CRD.</summary>
internal static class TelemetrySchema
{
    public const string Text = """
        @io.istio.telemetry.v1
        Telemetry -- What workloads log, count and trace.
          metadata ObjectMeta -- Names, labels and annotations of the object.
          spec TelemetrySpec -- Settings and whom they are for.
          status raw -- Written by the control plane.
        TelemetrySpec -- Settings and whom they are for.
          selector WorkloadSelector -- Workloads it is for; the namespace when not given, in the root namespace the mesh.
          targetRef PolicyTargetReference
          targetRefs []PolicyTargetReference maxitems=16
          tracing []Tracing
          metrics []Metrics
          accessLogging []AccessLogging
        WorkloadSelector
          matchLabels {}string maxlen=63
        PolicyTargetReference
          group string maxlen=253
          kind string required minlen=1 maxlen=63
          name string required minlen=1 maxlen=253
          namespace string
        ProviderRef
          name string required minlen=1 -- Name of an extension provider of the mesh's settings.
        LogMode
          mode string enum=CLIENT_AND_SERVER|CLIENT|SERVER
        AccessLogging
          match LogMode
          providers []ProviderRef
          disabled bool nullable
          filter LogFilter
        LogFilter
          expression string -- CEL over request, response and connection attributes.
        Metrics
          providers []ProviderRef
          overrides []MetricsOverrides
          reportingInterval duration
        MetricsOverrides
          match MetricSelector
          disabled bool nullable
          tagOverrides {}TagOverride
        MetricSelector oneof=metric|customMetric
          metric string enum=ALL_METRICS|REQUEST_COUNT|REQUEST_DURATION|REQUEST_SIZE|RESPONSE_SIZE|TCP_OPENED_CONNECTIONS|TCP_CLOSED_CONNECTIONS|TCP_SENT_BYTES|TCP_RECEIVED_BYTES|GRPC_REQUEST_MESSAGES|GRPC_RESPONSE_MESSAGES
          customMetric string minlen=1
          mode string enum=CLIENT_AND_SERVER|CLIENT|SERVER
        TagOverride
          operation string enum=UPSERT|REMOVE
          value string
        Tracing
          match LogMode
          providers []ProviderRef
          randomSamplingPercentage double nullable min=0 max=100
          disableSpanReporting bool nullable
          customTags {}CustomTag
          useRequestIdForTraceSampling bool nullable
          enableIstioTags bool nullable
          disableContextPropagation bool nullable
        CustomTag oneof=literal|environment|header|formatter
          literal Literal
          environment NamedSource
          header NamedSource
          formatter Literal
        Literal
          value string required minlen=1
        NamedSource
          name string required minlen=1
          defaultValue string
        """;
}
