namespace Fairlead.Proxy.Telemetry.Stats;

/// <summary>A label of the Prometheus form.</summary>
internal sealed record StatTag(string Name, string Value);
