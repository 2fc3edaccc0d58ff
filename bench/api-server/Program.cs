using System.Globalization;
using Fairlead.ApiServer.Scale;

// What the API server does in a second, over HTTPS, as a process of its own. See README.md beside this file.
CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
var executable = args.Length > 0 ? args[0] : Path.Combine("out", "fairlead");
var state = Directory.CreateTempSubdirectory("fairlead-bench-").FullName;
try
{
    await new Measurement(executable, state, TimeProvider.System).RunAsync(Console.Out);
}
finally
{
    Directory.Delete(state, recursive: true);
}
