using System.Globalization;
using Fairlead.Config.Primitives;

namespace Fairlead.Capture;

/// <summary>Reads the comma-separated lists of the settings; each fault names the setting.</summary>
internal sealed class SettingLists
{
    /// <summary>IFNAMSIZ less its terminator.</summary>
    private const int InterfaceNameLimit = 15;

    public List<string> Faults { get; } = [];

    public IReadOnlyList<int> Ports(string setting, string text)
    {
        var ports = new List<int>();
        foreach (var part in Parts(setting, text))
        {
            if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535)
                ports.Add(port);
            else
                Faults.Add($"{setting}: '{part}' is not a port; write numbers from 1 to 65535, separated by commas (ranges are not supported)");
        }
        return ports;
    }

    /// <summary><c>*</c> is null: everything.</summary>
    public IReadOnlyList<int>? PortsOrAll(string setting, string text) => text.Trim() == "*" ? null : Ports(setting, text);

    public IReadOnlyList<Cidr> Ranges(string setting, string text)
    {
        var ranges = new List<Cidr>();
        foreach (var part in Parts(setting, text))
        {
            if (part == "*")
                Faults.Add($"{setting}: '*' is not allowed here; list CIDRs such as 10.0.0.0/8");
            else if (Cidr.TryParse(part, out var range))
                ranges.Add(range);
            else
                Faults.Add($"{setting}: '{part}' is not a CIDR; write for example 10.0.0.0/8");
        }
        return ranges;
    }

    public IReadOnlyList<Cidr>? RangesOrAll(string setting, string text) => text.Trim() == "*" ? null : Ranges(setting, text);

    public IReadOnlyList<string> Interfaces(string setting, string text)
    {
        var names = new List<string>();
        foreach (var part in Parts(setting, text))
        {
            if (part.Length <= InterfaceNameLimit && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@' or ':'))
                names.Add(part);
            else
                Faults.Add($"{setting}: '{part}' is not a network interface name (at most {InterfaceNameLimit} characters)");
        }
        return names;
    }

    public IReadOnlyList<uint> Ids(string setting, string text)
    {
        var ids = new List<uint>();
        foreach (var part in Parts(setting, text))
        {
            if (uint.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                ids.Add(id);
            else
                Faults.Add($"{setting}: '{part}' is not a numeric id");
        }
        return ids;
    }

    public int Port(string setting, string text, int fallback) =>
        Ports(setting, text) is [var port] ? port : fallback;

    private string[] Parts(string setting, string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length <= CaptureOptions.ListLimit)
            return parts;
        Faults.Add($"{setting}: {parts.Length} entries; at most {CaptureOptions.ListLimit} are taken");
        return parts[..CaptureOptions.ListLimit];
    }
}
