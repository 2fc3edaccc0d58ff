using Envoy.Config.Core.V3;
using Fairlead.Proxy.Loop;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>Small conversions from protobuf values, with the field's path in every refusal.</summary>
internal static class ProtoValues
{
    private static readonly long MaxSeconds = (long)TimeSpan.FromDays(3650).TotalSeconds; // beyond it a timer wheel's arithmetic overflows

    public static TimeSpan Time(Duration? value, TimeSpan fallback, string path)
    {
        if (value is null) return fallback;
        if (value.Seconds < 0 || value.Nanos < 0) throw new ConfigException(path, "a duration must not be negative");
        if (value.Seconds > MaxSeconds) throw new ConfigException(path, "a duration of more than ten years is not supported");
        return TimeSpan.FromSeconds(value.Seconds) + TimeSpan.FromMicroseconds(value.Nanos / 1000);
    }

    public static TimeSpan? Time(Duration? value, string path) => value is null ? null : Time(value, default, path);

    /// <summary>Of a million.</summary>
    public static int PerMillion(Envoy.Type.V3.FractionalPercent? value)
    {
        if (value is null) return 1_000_000;
        long scale = value.Denominator switch
        {
            Envoy.Type.V3.FractionalPercent.Types.DenominatorType.Hundred => 10_000,
            Envoy.Type.V3.FractionalPercent.Types.DenominatorType.TenThousand => 100,
            _ => 1,
        };
        return (int)Math.Min(1_000_000, value.Numerator * scale);
    }

    public static IpEndpoint Socket(Address? address, string path)
    {
        if (address?.AddressCase != Address.AddressOneofCase.SocketAddress)
        {
            throw new ConfigException(path, "expected a socket_address with an IP address; pipes and internal addresses are not supported");
        }
        return Socket(address.SocketAddress, path + ".socket_address");
    }

    public static IpEndpoint Socket(SocketAddress socket, string path)
    {
        if (socket.Protocol != SocketAddress.Types.Protocol.Tcp) throw new ConfigException(path, "only TCP is supported");
        if (!IpEndpoint.TryParseAddress(socket.Address, Port(socket, path), out var endpoint)) throw new ConfigException(path + ".address", $"'{socket.Address}' is not an IP address");
        return endpoint;
    }

    public static int Port(SocketAddress socket, string path)
    {
        if (socket.PortSpecifierCase == SocketAddress.PortSpecifierOneofCase.NamedPort) throw new ConfigException(path, "named_port is not supported");
        return socket.PortValue <= ushort.MaxValue ? (int)socket.PortValue : throw new ConfigException(path, $"port {socket.PortValue} does not exist");
    }

    public static List<FilterChainMatch.AddressPrefix> Prefixes(IReadOnlyList<CidrRange> ranges, string path)
    {
        var result = new List<FilterChainMatch.AddressPrefix>(ranges.Count);
        for (var i = 0; i < ranges.Count; i++) result.Add(Prefix(ranges[i], $"{path}[{i}]"));
        return result;
    }

    private static FilterChainMatch.AddressPrefix Prefix(CidrRange range, string path)
    {
        if (!IpEndpoint.TryParseAddress(range.AddressPrefix, 0, out var endpoint)) throw new ConfigException(path + ".address_prefix", $"'{range.AddressPrefix}' is not an IP address");
        var length = (int)Math.Min(range.PrefixLen ?? 0, 128);
        if (length > (endpoint.IsIPv4 ? 32 : 128)) throw new ConfigException(path, $"a prefix of {length} bits is longer than the address");
        return new FilterChainMatch.AddressPrefix(endpoint, length);
    }

    public static byte[] Data(DataSource? source, CompileContext context, string path)
    {
        switch (source?.SpecifierCase)
        {
            case null or DataSource.SpecifierOneofCase.None:
                return [];
            case DataSource.SpecifierOneofCase.InlineString:
                return System.Text.Encoding.UTF8.GetBytes(source.InlineString);
            case DataSource.SpecifierOneofCase.InlineBytes:
                return source.InlineBytes.ToByteArray();
            case DataSource.SpecifierOneofCase.EnvironmentVariable:
                var value = context.ReadEnvironment(source.EnvironmentVariable)
                    ?? throw new ConfigException(path, $"the environment variable {source.EnvironmentVariable} is not set");
                return System.Text.Encoding.UTF8.GetBytes(value);
            default:
                try
                {
                    return context.ReadFile(source.Filename);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new ConfigException(path, $"cannot read {source.Filename}: {e.Message}");
                }
        }
    }

    /// <summary>Where resources come from: a file, or null = by ADS. Another source would leave them missing for ever.</summary>
    public static string? SourceFile(ConfigSource? source, string path)
    {
        switch (source?.ConfigSourceSpecifierCase)
        {
            case null or ConfigSource.ConfigSourceSpecifierOneofCase.Ads or ConfigSource.ConfigSourceSpecifierOneofCase.None or ConfigSource.ConfigSourceSpecifierOneofCase.Self:
                return null;
            case ConfigSource.ConfigSourceSpecifierOneofCase.PathConfigSource when source.PathConfigSource.Path.Length > 0:
                var file = System.IO.Path.GetFullPath(source.PathConfigSource.Path);
                return Directory.Exists(System.IO.Path.GetDirectoryName(file)) ? file
                    : throw new ConfigException(path + ".path_config_source", $"the folder of {source.PathConfigSource.Path} does not exist");
            default:
                throw new ConfigException(path, $"{source.ConfigSourceSpecifierCase} is not supported here: use ads or path_config_source");
        }
    }

    public static byte[]? Text(string value) => value.Length == 0 ? null : System.Text.Encoding.UTF8.GetBytes(value);

    public static byte[] Lower(string name) => System.Text.Encoding.UTF8.GetBytes(name.ToLowerInvariant());

    public static uint? Limit(uint? value) => value is null or 0 ? null : value;
}
