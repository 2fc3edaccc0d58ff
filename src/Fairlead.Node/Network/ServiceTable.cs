using System.Threading.Channels;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Network;

/// <summary>Keeps the catalog and the machine's service rules as the API's Services and EndpointSlices say.</summary>
internal sealed class ServiceTable(string baseRules, TimeProvider time, Action<string> report)
{
    /// <summary>Changes closer together than this become one change of the rules.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Channel<bool> changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile ServiceCatalog catalog = new();
    private string applied = "";

    public ServiceCatalog Catalog => catalog;

    /// <summary>Takes one change in; the rules follow shortly.</summary>
    public void Take(ResourceChange change)
    {
        if (change.Object is not { } target)
            return;
        var key = $"{target.Namespace}/{target.Name}";
        var isGone = change.Type == ChangeType.Deleted;
        if (change.Kind == KindTable.Service)
            catalog = catalog with { Services = isGone ? catalog.Services.Remove(key) : catalog.Services.SetItem(key, ServiceView.Read(target)) };
        else if (change.Kind == KindTable.EndpointSlice)
            catalog = catalog with { Slices = isGone ? catalog.Slices.Remove(key) : catalog.Slices.SetItem(key, SliceView.Read(target)) };
        else
            return;
        changed.Writer.TryWrite(true);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        await ApplyAsync(cancel).ConfigureAwait(false);
        while (true)
        {
            await changed.Reader.ReadAsync(cancel).ConfigureAwait(false);
            await Task.Delay(Quiet, time, cancel).ConfigureAwait(false);
            try
            {
                await ApplyAsync(cancel).ConfigureAwait(false);
            }
            catch (ToolException refused)
            {
                report($"service rules were not applied: {refused.Message}");
                await Task.Delay(Retry, time, cancel).ConfigureAwait(false);
                changed.Writer.TryWrite(true);
            }
        }
    }

    private async Task ApplyAsync(CancellationToken cancel)
    {
        var rules = ServiceRules.Render(catalog, baseRules);
        if (rules == applied)
            return;
        await Tool.RunAsync("nft", ["-f", "-"], rules, cancel).ConfigureAwait(false);
        applied = rules;
    }
}
