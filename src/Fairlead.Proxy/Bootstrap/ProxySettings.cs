using Envoy.Config.Core.V3;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>Flags, environment and bootstrap put together: everything the process needs to start.</summary>
internal sealed class ProxySettings
{
    public required ProxyFlags Flags { get; init; }

    public required Envoy.Config.Bootstrap.V3.Bootstrap Bootstrap { get; init; }

    /// <summary>The wire form of a bootstrap that somebody wrote; null = this process rendered it.</summary>
    public ReadOnlyMemory<byte>? Written { get; init; }

    /// <summary>What the bootstrap has and no message declares.</summary>
    public IReadOnlyList<JsonFinding> UnknownFields { get; init; } = [];

    /// <summary>Where the bootstrap comes from: a file, a flag, or the pod's environment.</summary>
    public required string Source { get; init; }

    public required IReadOnlyDictionary<string, string> Variables { get; init; }

    /// <summary>Set when the process is Istio's sidecar: readiness on 15021, metrics on 15090 and 15020.</summary>
    public SidecarEnvironment? Sidecar { get; init; }

    public int Workers => Concurrency is { } count and > 0 ? count : Math.Max(1, System.Environment.ProcessorCount);

    /// <summary>How long connections may take to end after SIGTERM.</summary>
    public TimeSpan TerminationDrain => Sidecar is null ? Flags.DrainTime : Sidecar.Duration("terminationDrainDuration") ?? TimeSpan.FromSeconds(5);

    public Node Node => Bootstrap.Node ?? new Node();

    private int? Concurrency => Flags.Concurrency ?? Sidecar?.Integer("concurrency");

    /// <summary>Null = the errors say why.</summary>
    public static ProxySettings? Read(
        ProxyFlags flags, IReadOnlyDictionary<string, string> variables, Func<string, string?> readFile, ProcessLog log, List<string> errors)
    {
        if (flags.IsSidecar)
        {
            var sidecar = SidecarEnvironment.Read(variables, readFile, errors);
            if (errors.Count > 0) return null;
            return new ProxySettings
            {
                Flags = flags,
                Source = "of the pod",
                Variables = variables,
                Sidecar = sidecar,
                Bootstrap = SidecarBootstrap.Render(sidecar, flags.Domain),
            };
        }
        var source = flags.ConfigYaml is null ? flags.ConfigPath! : "--config-yaml";
        var text = flags.ConfigYaml ?? readFile(source);
        if (text is null)
        {
            errors.Add($"{source}: the file does not exist");
            return null;
        }
        var unknown = new List<JsonFinding>();
        var bootstrap = BootstrapLoader.Load(text, source, errors, unknown);
        if (bootstrap is not null)
        {
            return new ProxySettings { Flags = flags, Source = source, Variables = variables, Bootstrap = bootstrap.Message, Written = bootstrap.Wire, UnknownFields = unknown };
        }
        foreach (var finding in unknown) log.Warning("config", $"{source}: {finding}");
        return null;
    }
}
