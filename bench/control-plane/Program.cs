using System.Globalization;
using Fairlead.ControlPlane.Scale;

// What translation costs at scale, without sockets: one process, one thread. See README.md beside this file.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
var scale = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 100;
Console.WriteLine(Measurement.Header);
foreach (var percent in args.Contains("--slope") ? [25, 50, 100] : (int[])[scale])
    Console.WriteLine(new Measurement(MeshSize.Percent(percent), TimeProvider.System).Run());
