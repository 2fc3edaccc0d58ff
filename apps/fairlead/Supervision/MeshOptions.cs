namespace Fairlead.App.Supervision;

/// <summary>How a mesh was asked for on the command line of <c>up</c>.</summary>
internal sealed record MeshOptions(StatePaths State, bool IsIsolated, string? WorldFile, string? Kubeconfig)
{
    /// <summary>The mesh's processes in the order they start: the node needs the API server, the control plane the node's bridge.</summary>
    public IReadOnlyList<MeshPart> Parts =>
    [
        new("api-server", ["api-server", "--state", State.Root]),
        new("node",
        [
            "node", "--state", State.Root, "--kubeconfig", State.NodeKubeconfig,
            .. IsIsolated ? (string[])["--isolated"] : [],
            .. WorldFile is null ? (string[])[] : ["--world", WorldFile],
        ]),
        new("control-plane", ["control-plane", "--kubeconfig", State.ControlPlaneKubeconfig, "--listen-address", "10.244.0.1"]),
    ];

    /// <summary>The same as arguments of <c>up</c>, for the process that supervises in the background.</summary>
    public IReadOnlyList<string> Arguments =>
    [
        "--state", State.Root,
        .. IsIsolated ? (string[])["--isolated"] : [],
        .. WorldFile is null ? (string[])[] : ["--world", WorldFile],
        .. Kubeconfig is null ? (string[])[] : ["--kubeconfig", Kubeconfig],
    ];
}
