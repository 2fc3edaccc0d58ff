using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>WorkloadEntry, and the endpoints of a ServiceEntry, which have its form.</summary>
internal static class WorkloadEntryValidation
{
    public const string Unix = "unix://";

    public static void Check(Report report, Field spec)
    {
        if (!spec.IsObject)
        {
            report.Required(spec, "give the workload's address");
            return;
        }
        Endpoint(report, spec, nameAllowed: true);
    }

    public static void Endpoint(Report report, Field endpoint, bool nameAllowed)
    {
        if (!endpoint.IsObject)
        {
            report.Error(endpoint, "endpoint may not be null", "give an address, or remove the item");
            return;
        }
        var address = endpoint["address"].Text;
        if (address.Length == 0)
        {
            if (endpoint["network"].Text.Length > 0)
                report.Warn(endpoint["address"], "address is empty: the endpoint is reached through the gateway of its network", "give an address if it can be reached directly");
            else
                report.Error(endpoint["address"], "address is required", "write the endpoint's IP address", "FieldValueRequired");
        }
        else if (address.StartsWith(Unix, StringComparison.Ordinal))
        {
            Socket(report, endpoint, address);
        }
        else
        {
            Host(report, endpoint["address"], address, nameAllowed);
        }
        foreach (var (name, value) in endpoint["ports"].Entries)
        {
            if (!DnsName.IsLabel(name.ToLowerInvariant()))
                report.Error(value, $"invalid port name: \"{name}\"", "use letters, digits and '-'");
            Rules.Port(report, value);
        }
        Rules.Labels(report, endpoint["labels"]);
    }

    private static void Socket(Report report, Field endpoint, string address)
    {
        var path = address[Unix.Length..];
        if (!path.StartsWith('/') && !path.StartsWith('@'))
            report.Error(endpoint["address"], "UDS must be an absolute path or abstract socket", "write unix:///path or unix://@name");
        else if (path.EndsWith('/'))
            report.Error(endpoint["address"], "UDS may not be a dir", "name the socket file");
        if (endpoint["ports"].Count > 0)
            report.Error(endpoint["ports"], "UDS may not include ports", "remove ports");
    }

    private static void Host(Report report, Field field, string address, bool nameAllowed)
    {
        if (Cidr.TryParseAddress(address, out _))
            return;
        if (!nameAllowed)
            report.Error(field, $"endpoint address \"{address}\" is not a valid IP address", "write an IP address, or use resolution DNS for a name");
        else if (DnsName.Fault(address) is not null)
            report.Error(field, $"endpoint address \"{address}\" is not a valid FQDN or an IP address", "write a DNS name or an IP address");
    }
}
