using Fairlead.KubeClient;
using Fairlead.Node.Images;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;
using Fairlead.Node.Runtime;

namespace Fairlead.Node.Pods;

/// <summary>What every pod's worker works with.</summary>
internal sealed record PodServices(
    NodePaths Paths,
    KubeConnection Connection,
    ContainerRuntime Runtime,
    ContainerLauncher Launcher,
    ImageStore Images,
    AddressPool Addresses,
    EventRecorder Events,
    HttpClient ProbeClient,
    TimeProvider Time,
    Action<string> Report);
