using System.Text.Json;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Xds.Json;
using Google.Protobuf;

namespace Fairlead.Proxy.Admin;

/// <summary>/server_info and /memory.</summary>
internal static class ServerInfoPage
{
    /// <summary>envoy.admin.v3.ServerInfo, with values that are their type's default: "state": "LIVE" is one.</summary>
    public static byte[] Render(ProxySettings settings, ServerState state)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            var uptime = $"{Math.Floor(state.Uptime.TotalSeconds)}s";
            writer.WriteStartObject();
            writer.WriteString("version", $"{SidecarBootstrap.IstioVersion}/{typeof(ServerInfoPage).Assembly.GetName().Version?.ToString(3)}/Clean/RELEASE/Fairlead");
            writer.WriteString("state", Name(state.Current));
            writer.WriteString("hot_restart_version", "disabled");
            writer.WriteStartObject("command_line_options");
            writer.WriteNumber("concurrency", settings.Workers);
            writer.WriteString("drain_time", $"{settings.Flags.DrainTime.TotalSeconds}s");
            writer.WriteEndObject();
            writer.WriteString("uptime_current_epoch", uptime);
            writer.WriteString("uptime_all_epochs", uptime);
            writer.WritePropertyName("node");
            ProtoToJson.Write(writer, "envoy.config.core.v3.Node", settings.Node.ToByteArray());
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    private static string Name(ServerState.Phase phase) => phase switch
    {
        ServerState.Phase.Live => "LIVE",
        ServerState.Phase.Draining => "DRAINING",
        ServerState.Phase.PreInitializing => "PRE_INITIALIZING",
        _ => "INITIALIZING",
    };

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
