using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>One host of the mesh's registry: of a Service or of a ServiceEntry.</summary>
internal sealed record RegistryHost(HostName Host, string Namespace, ValueList<string> ExportTo, ValueList<RegistryPort> Ports, KubeObject Source)
{
    public ServiceEntry? Entry { get; init; }
    public Service? Service { get; init; }
    public required DateTimeOffset Created { get; init; }

    /// <summary>Index of the host in the entry's list.</summary>
    public int Index { get; init; }

    public bool IsVisibleFrom(string client) =>
        ExportTo.Contains("*") || (ExportTo.Contains(".") && client == Namespace) || ExportTo.Contains(client);

    public RegistryPort? Port(int number) => Ports.FirstOrDefault(port => port.Number == number);
}

internal sealed record RegistryPort(int Number, Protocol Protocol, int TargetPort);
