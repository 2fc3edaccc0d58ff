using System.Globalization;
using Fairlead.ControlPlane.Scale;

// What the control plane costs at scale: its translation without sockets, or (--wire EXECUTABLE) the published process over gRPC. See README.md beside this file.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
if (args is ["--proxies", var count])
{
    await new SimulatedProxies(MeshSize.Parse(count), TimeProvider.System).RunAsync(Console.In, Console.Out);
    return;
}
var scale = args.Length > 0 && char.IsAsciiDigit(args[0][0]) ? args[0] : "100";
var wire = Array.IndexOf(args, "--wire") is var at and >= 0 ? Path.GetFullPath(args[at + 1]) : null;
Console.WriteLine(wire is null ? Measurement.Header : WireMeasurement.Header);
string[] sizes = args.Contains("--growth") ? ["25x100", "50x100", "100x100", "100x50", "100x25"] : args.Contains("--slope") ? ["25", "50", "100"] : [scale];
foreach (var size in sizes.Select(MeshSize.Parse))
{
    Console.WriteLine(wire is null ? new Measurement(size, TimeProvider.System).Run() : await new WireMeasurement(wire, size, TimeProvider.System).RunAsync());
}
