using System.Net;
using System.Net.Sockets;

namespace Fairlead.Proxy.Dns;

/// <summary>hosts(5).</summary>
internal static class HostsFile
{
    public static List<IPAddress> Find(string text, string name, LookupFamily family)
    {
        var result = new List<IPAddress>();
        foreach (var raw in text.Split('\n'))
        {
            var words = raw.Split('#')[0].Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !IPAddress.TryParse(words[0], out var address)) continue;
            if (!words.Skip(1).Any(word => word.Equals(name, StringComparison.OrdinalIgnoreCase))) continue;
            var isV4 = address.AddressFamily == AddressFamily.InterNetwork;
            if ((family == LookupFamily.V4Only && !isV4) || (family == LookupFamily.V6Only && isV4)) continue;
            if (!result.Contains(address)) result.Add(address);
        }
        return result;
    }
}
