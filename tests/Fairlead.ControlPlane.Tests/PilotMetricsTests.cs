using Fairlead.ControlPlane.Serve;

namespace Fairlead.ControlPlane.Tests;

public sealed class PilotMetricsTests
{
    [Fact]
    public void Validation_and_injection_are_counted_under_Istios_names_and_labels()
    {
        var metrics = new PilotMetrics();
        metrics.ValidationsPassed.Increment("networking.istio.io", "v1", "serviceentries");
        metrics.ValidationsFailed.Increment("networking.istio.io", "v1alpha3", "virtualservices", "invalid_resource");
        metrics.Injections.Increment();
        metrics.Injections.Increment();
        metrics.InjectionsSkipped.Increment();
        var lines = metrics.Render([]).Split('\n');
        lines.ShouldContain("galley_validation_passed{group=\"networking.istio.io\",version=\"v1\",resource=\"serviceentries\"} 1");
        lines.ShouldContain("galley_validation_failed{group=\"networking.istio.io\",version=\"v1alpha3\",resource=\"virtualservices\",reason=\"invalid_resource\"} 1");
        lines.ShouldContain("sidecar_injection_requests_total 2");
        lines.ShouldContain("sidecar_injection_skip_total 1");
        lines.ShouldContain("# TYPE sidecar_injection_failure_total counter");
        lines.ShouldNotContain(line => line.StartsWith("sidecar_injection_failure_total", StringComparison.Ordinal));
    }
}
