using System.Globalization;
using Fairlead.ControlPlane.Scale;

// What the control plane costs at scale: its translation without sockets, or (--wire EXECUTABLE) the published process over gRPC. See README.md beside this file.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
if (args is ["--proxies", var count])
{
    await new SimulatedProxies(MeshSize.Percent(int.Parse(count, CultureInfo.InvariantCulture)), TimeProvider.System).RunAsync(Console.In, Console.Out);
    return;
}
var scale = args.Length > 0 && char.IsAsciiDigit(args[0][0]) ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
var wire = Array.IndexOf(args, "--wire") is var at and >= 0 ? Path.GetFullPath(args[at + 1]) : null;
Console.WriteLine(wire is null ? Measurement.Header : WireMeasurement.Header);
foreach (var percent in args.Contains("--slope") ? [25, 50, 100] : (int[])[scale])
{
    var size = MeshSize.Percent(percent);
    Console.WriteLine(wire is null ? new Measurement(size, TimeProvider.System).Run() : await new WireMeasurement(wire, size, TimeProvider.System).RunAsync());
}
