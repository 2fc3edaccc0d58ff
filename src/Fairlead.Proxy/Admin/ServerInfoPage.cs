using System.Text.Json;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Xds.Json;
using Google.Protobuf;

namespace Fairlead.Proxy.Admin;

/// <summary>/server_info and /memory.</summary>
internal static class ServerInfoPage
{
    public static byte[] Render(ProxySettings settings, ServerState state)
    {
        var info = new Envoy.Admin.V3.ServerInfo
        {
            Version = $"{SidecarBootstrap.IstioVersion}/{typeof(ServerInfoPage).Assembly.GetName().Version?.ToString(3)}/Clean/RELEASE/Fairlead",
            State = (Envoy.Admin.V3.ServerInfo.Types.State)(int)state.Current,
            UptimeCurrentEpoch = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Floor(state.Uptime.TotalSeconds))),
            UptimeAllEpochs = Google.Protobuf.WellKnownTypes.Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Floor(state.Uptime.TotalSeconds))),
            HotRestartVersion = "disabled",
            Node = settings.Node,
        };
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            ProtoToJson.Write(writer, "envoy.admin.v3.ServerInfo", info.ToByteArray());
        }
        return stream.ToArray();
    }

    public static byte[] Memory()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            var heap = GC.GetGCMemoryInfo();
            writer.WriteStartObject();
            writer.WriteString("allocated", GC.GetTotalMemory(false).ToString());
            writer.WriteString("heap_size", heap.HeapSizeBytes.ToString());
            writer.WriteString("total_physical_bytes", Environment.WorkingSet.ToString());
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }
}
