using System.Net;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>
/// Addresses of Services, from 10.96.0.0/16. The stored Services are the table of what is taken; addresses given out for
/// objects that are not stored yet are held beside it.
/// </summary>
internal sealed class ServiceAddresses(ObjectStore store)
{
    private const uint RangeStart = (10u << 24) | (96u << 16);

    /// <summary>Below it lie addresses that are asked for by name (kubernetes .1, kube-dns .10).</summary>
    private const uint FirstDynamic = RangeStart + 256;

    private const uint RangeEnd = RangeStart + 65535;

    private readonly Lock gate = new();
    private readonly HashSet<string> held = [];
    private uint next = FirstDynamic;

    public IDisposable? Allocate(KubeObject service, KubeObject? old)
    {
        var spec = service.Root.Ensure("spec");
        if (spec.TextAt("type") == "ExternalName")
        {
            spec.Remove("clusterIP");
            spec.Remove("clusterIPs");
            return null;
        }
        var address = spec.TextAt("clusterIP");
        if (address.Length == 0 && spec["clusterIPs"] is JsonArray { Count: > 0 } list)
            address = list[0]!.ToString();
        var had = old?.Root.TextAt("spec.clusterIP") ?? "";
        if (had.Length > 0 && address.Length == 0)
            address = had;
        if (had.Length > 0 && address != had && had != "None")
            throw Refusal.Invalid(KindTable.Service, service.Name, [FieldCause.Invalid("spec.clusterIPs[0]", $"[\"{address}\"]", "may not change once set")]);
        if (address == "None" || (had.Length > 0 && address == had))
        {
            Fill(spec, address);
            return null;
        }
        lock (gate)
        {
            var taken = store.State.Of(KindTable.Service).Values.Select(stored => stored.Read().Root.TextAt("spec.clusterIP")).ToHashSet();
            taken.UnionWith(held);
            address = address.Length > 0 ? Check(service, address, taken) : Next(taken);
            held.Add(address);
        }
        Fill(spec, address);
        return new Hold(this, address);
    }

    private static void Fill(JsonObject spec, string address)
    {
        spec["clusterIP"] = address;
        spec["clusterIPs"] = JsonPath.TextArray(address);
    }

    private static string Check(KubeObject service, string address, HashSet<string> taken)
    {
        string? fault = null;
        if (!IPAddress.TryParse(address, out var parsed) || parsed.GetAddressBytes() is not [10, 96, _, _])
            fault = $"failed to allocate IP {address}: the provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16";
        else if (taken.Contains(address))
            fault = $"failed to allocate IP {address}: provided IP is already allocated";
        return fault is null ? address : throw Refusal.Invalid(KindTable.Service, service.Name, [FieldCause.Invalid("spec.clusterIPs", $"[\"{address}\"]", fault)]);
    }

    private string Next(HashSet<string> taken)
    {
        for (var tried = FirstDynamic; tried < RangeEnd; tried++)
        {
            var candidate = next;
            next = next + 1 >= RangeEnd ? FirstDynamic : next + 1;
            var text = $"10.96.{(candidate >> 8) & 255}.{candidate & 255}";
            if (!taken.Contains(text))
                return text;
        }
        throw Refusal.Internal("failed to allocate a serviceIP: range is full");
    }

    private sealed class Hold(ServiceAddresses owner, string address) : IDisposable
    {
        public void Dispose()
        {
            lock (owner.gate)
                owner.held.Remove(address);
        }
    }
}
