namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// Sampling of traces, in hundredths of a percent (0 to 10,000). Without an exporter its only effects are the request id's
/// trace digit and x-envoy-decorator-operation.
/// </summary>
/// <param name="Client">Of requests that carry x-client-trace-id.</param>
/// <param name="Random">Of all others, by the request id.</param>
/// <param name="Overall">Upper bound on both.</param>
internal sealed record TracingConfig(int Client, int Random, int Overall);
