using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Fairlead.ControlPlane.Serve;

/// <summary>The control plane's own figures in Prometheus' text format; names are istiod's where the meaning is the same.</summary>
public sealed class PilotMetrics
{
    public Counter Requests { get; } = new("fairlead_xds_requests", "Requests of proxies by type and kind (subscribe, ack, nack, stale)", "type", "kind");
    public Counter Pushes { get; } = new("pilot_xds_pushes", "Responses sent by type", "type");
    public Counter PushedBytes { get; } = new("fairlead_xds_pushed_bytes", "Bytes of the responses sent by type", "type");
    public Counter Rejections { get; } = new("pilot_total_xds_rejects", "Responses that proxies refused", "type");
    public Counter Triggers { get; } = new("pilot_push_triggers", "Changes that led to a push by the kind that changed", "type");
    public Counter ConfigEvents { get; } = new("pilot_k8s_cfg_events", "Changes of watched resources that mattered, by kind and event", "type", "event");
    public Counter ValidationsPassed { get; } = new("galley_validation_passed", "Objects found valid", "group", "version", "resource");
    public Counter ValidationsFailed { get; } = new("galley_validation_failed", "Objects refused", "group", "version", "resource", "reason");
    public Counter Injections { get; } = new("sidecar_injection_requests_total", "Pods seen by injection");
    public Counter InjectionsDone { get; } = new("sidecar_injection_success_total", "Pods that got a sidecar");
    public Counter InjectionsFailed { get; } = new("sidecar_injection_failure_total", "Pods refused because no sidecar could be made for them, by reason", "reason");
    public Counter InjectionsSkipped { get; } = new("sidecar_injection_skip_total", "Pods left without a sidecar, as their labels or those of their namespace say");
    public Counter StreamsRefused { get; } = new("fairlead_xds_streams_refused", "Discovery streams that were refused, by reason", "reason");
    public Summary Convergence { get; } = new("pilot_proxy_convergence_time", "Seconds from a config state being made until a proxy has answered all of it");
    public Summary SnapshotTime { get; } = new("pilot_pushcontext_init_seconds", "Seconds to make a config state");

    /// <summary>Everything, with these gauges of the moment.</summary>
    public string Render(IEnumerable<(string Name, string Help, double Value)> gauges)
    {
        var text = new StringBuilder();
        foreach (var counter in (Counter[])[Requests, Pushes, PushedBytes, Rejections, Triggers, ConfigEvents, ValidationsPassed, ValidationsFailed, Injections, InjectionsDone, InjectionsFailed, InjectionsSkipped, StreamsRefused])
            counter.Render(text);
        Convergence.Render(text);
        SnapshotTime.Render(text);
        foreach (var (name, help, value) in gauges)
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n");
        return text.ToString();
    }

    /// <summary>A count per combination of label values; the values come from closed lists, so that the number of series is bounded.</summary>
    public sealed class Counter(string name, string help, params string[] labels)
    {
        private readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);

        public void Increment(params string[] values) => Increment(1, values);

        public void Increment(long by, params string[] values) =>
            counts.AddOrUpdate(string.Join(',', labels.Zip(values, (label, value) => $"{label}=\"{value}\"")), by, (_, count) => count + by);

        public long Total => counts.Values.Sum();

        internal void Render(StringBuilder text)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} counter\n");
            foreach (var (series, count) in counts.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                text.Append(CultureInfo.InvariantCulture, $"{name}{(series.Length == 0 ? "" : $"{{{series}}}")} {count}\n");
        }
    }

    /// <summary>A histogram of seconds.</summary>
    public sealed class Summary(string name, string help)
    {
        /// <summary>istiod's buckets for convergence, with finer ones below 100 ms.</summary>
        private static readonly double[] Bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 5, 10, 20, 30];

        private readonly Lock gate = new();
        private readonly long[] buckets = new long[Bounds.Length];
        private long count;
        private double sum;

        public void Observe(double seconds)
        {
            lock (gate)
            {
                count++;
                sum += seconds;
                for (var index = 0; index < Bounds.Length; index++)
                {
                    if (seconds <= Bounds[index])
                        buckets[index]++;
                }
            }
        }

        internal void Render(StringBuilder text)
        {
            lock (gate)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} histogram\n");
                for (var index = 0; index < Bounds.Length; index++)
                    text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"{Bounds[index]}\"}} {buckets[index]}\n");
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{le=\"+Inf\"}} {count}\n{name}_sum {sum}\n{name}_count {count}\n");
            }
        }
    }
}
