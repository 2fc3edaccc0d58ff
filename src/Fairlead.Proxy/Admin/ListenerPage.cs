using System.Text;
using System.Text.Json;
using Fairlead.Proxy.Snapshot.Live;

namespace Fairlead.Proxy.Admin;

/// <summary>/listeners.</summary>
internal static class ListenerPage
{
    public static AdminResponse Render(LiveConfiguration live, bool isJson)
    {
        var listeners = live.ActiveListeners.OrderBy(listener => listener.Declared.Name, StringComparer.Ordinal).ToList();
        if (!isJson)
        {
            var text = new StringBuilder();
            foreach (var listener in listeners) text.Append(listener.Declared.Name).Append("::").Append(listener.Compiled.Addresses[0]).Append('\n');
            return AdminResponse.Text(text.ToString());
        }
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("listener_statuses");
            foreach (var listener in listeners)
            {
                var address = listener.Compiled.Addresses[0];
                writer.WriteStartObject();
                writer.WriteString("name", listener.Declared.Name);
                writer.WriteStartObject("local_address");
                writer.WriteStartObject("socket_address");
                writer.WriteString("address", address.ToIPAddress().ToString());
                writer.WriteNumber("port_value", address.Port);
                writer.WriteEndObject();
                writer.WriteEndObject();
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return AdminResponse.Json(stream.ToArray());
    }
}
