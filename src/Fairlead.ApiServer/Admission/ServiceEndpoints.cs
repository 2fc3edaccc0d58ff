using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>Finds a ready endpoint behind a Service's port.</summary>
internal static class ServiceEndpoints
{
    public static (string Address, int Port)? Resolve(StoreState state, string @namespace, string name, int servicePort)
    {
        if (state.Find(new ResourceKey(KindTable.Service, @namespace, name)) is not { } service)
            return null;
        var port = service.Read().Root.ObjectsAt("spec.ports").FirstOrDefault(candidate => candidate.NumberAt("port") == servicePort);
        if (port is null)
            return null;
        foreach (var slice in state.In(KindTable.EndpointSlice, @namespace))
        {
            if (slice.Labels.GetValueOrDefault("kubernetes.io/service-name") != name)
                continue;
            var root = slice.Read().Root;
            var target = root.ObjectsAt("ports").FirstOrDefault(candidate => candidate.TextAt("name") == port.TextAt("name"));
            var ready = root.ObjectsAt("endpoints").FirstOrDefault(endpoint => endpoint.At("conditions.ready") is null || endpoint.FlagAt("conditions.ready"));
            if (target?.NumberAt("port") is { } number && ready?["addresses"] is JsonArray { Count: > 0 } addresses)
                return (addresses[0]!.ToString(), (int)number);
        }
        return null;
    }
}
