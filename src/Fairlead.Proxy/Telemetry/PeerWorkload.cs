namespace Fairlead.Proxy.Telemetry;

/// <summary>The workload at the other end, as far as it is known; empty texts are not. Istio's WorkloadMetadataObject.</summary>
/// <param name="Id">Of a worker's own; differs where anything else does.</param>
/// <param name="Name">Of its Deployment or the like.</param>
/// <param name="Namespace">Of its pods.</param>
/// <param name="CanonicalService">Istio's canonical name.</param>
/// <param name="CanonicalRevision">Istio's canonical revision.</param>
/// <param name="Cluster">Of the mesh.</param>
/// <param name="App">Label app.</param>
/// <param name="Version">Label version.</param>
internal sealed record PeerWorkload(
    int Id, string Name, string Namespace, string CanonicalService, string CanonicalRevision, string Cluster, string App = "", string Version = "");
