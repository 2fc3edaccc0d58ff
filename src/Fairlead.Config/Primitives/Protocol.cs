namespace Fairlead.Config.Primitives;

/// <summary>What a port speaks, as Istio's config names it. <see cref="Auto"/>: nothing usable was said, so the first bytes decide.</summary>
public enum Protocol
{
    Auto,
    Tcp,
    Udp,
    Http,
    HttpProxy,
    Http2,
    Grpc,
    GrpcWeb,
    Https,
    Tls,
    Mongo,
    Redis,
    MySql,
}

/// <summary>Reads and classifies <see cref="Protocol"/>s.</summary>
public static class Protocols
{
    /// <summary>Prefix that port names follow, by Istio's naming convention <c>protocol[-suffix]</c>.</summary>
    private const char NameSeparator = '-';

    // Server-first protocols on their registered ports: waiting for the client's first bytes would hang, so Istio takes them as TCP.
    private static readonly int[] ServerFirstPorts = [25, 53, 3306, 27017];

    /// <summary>Parses case-insensitively; <see cref="Protocol.Auto"/> for empty or unknown names.</summary>
    public static Protocol Parse(string name) => name.ToUpperInvariant() switch
    {
        "TCP" => Protocol.Tcp,
        "UDP" => Protocol.Udp,
        "HTTP" => Protocol.Http,
        "HTTP_PROXY" => Protocol.HttpProxy,
        "HTTP2" => Protocol.Http2,
        "GRPC" => Protocol.Grpc,
        "GRPC-WEB" or "GRPC_WEB" => Protocol.GrpcWeb,
        "HTTPS" => Protocol.Https,
        "TLS" => Protocol.Tls,
        "MONGO" => Protocol.Mongo,
        "REDIS" => Protocol.Redis,
        "MYSQL" => Protocol.MySql,
        _ => Protocol.Auto,
    };

    /// <summary>Whether <paramref name="name"/> is empty (auto-detected) or one of the names that Istio supports.</summary>
    public static bool IsSupported(string name) => name.Length == 0 || Parse(name) != Protocol.Auto;

    /// <summary>The protocol of a Kubernetes Service port: UDP, then <c>appProtocol</c>, then the name's prefix, then the port number.</summary>
    public static Protocol OfServicePort(string transport, string appProtocol, string portName, int port)
    {
        if (string.Equals(transport, "UDP", StringComparison.OrdinalIgnoreCase))
            return Protocol.Udp;
        if (appProtocol.Length > 0)
        {
            return appProtocol switch
            {
                "kubernetes.io/h2c" => Protocol.Http2,
                "kubernetes.io/ws" => Protocol.Http,
                "kubernetes.io/wss" => Protocol.Https,
                _ => Parse(appProtocol),
            };
        }
        var whole = Parse(portName);
        if (whole == Protocol.GrpcWeb || portName.StartsWith("grpc-web", StringComparison.OrdinalIgnoreCase))
            return Protocol.GrpcWeb;
        var dash = portName.IndexOf(NameSeparator, StringComparison.Ordinal);
        var named = dash < 0 ? whole : Parse(portName[..dash]);
        if (named != Protocol.Auto)
            return named == Protocol.Udp ? Protocol.Tcp : named;
        return Array.IndexOf(ServerFirstPorts, port) >= 0 ? Protocol.Tcp : Protocol.Auto;
    }

    /// <summary>HTTP in the clear, where routes, timeouts, retries and faults act.</summary>
    public static bool IsHttp(this Protocol protocol) =>
        protocol is Protocol.Http or Protocol.Http2 or Protocol.Grpc or Protocol.GrpcWeb or Protocol.HttpProxy;

    public static bool IsHttp2(this Protocol protocol) => protocol is Protocol.Http2 or Protocol.Grpc or Protocol.GrpcWeb;

    /// <summary>Encrypted by the application; only SNI is seen.</summary>
    public static bool IsTls(this Protocol protocol) => protocol is Protocol.Https or Protocol.Tls;

    /// <summary>Opaque bytes without SNI.</summary>
    public static bool IsTcp(this Protocol protocol) =>
        protocol is Protocol.Tcp or Protocol.Mongo or Protocol.Redis or Protocol.MySql;

    /// <summary>The name as Istio prints it; empty for <see cref="Protocol.Auto"/>.</summary>
    public static string Name(this Protocol protocol) => protocol switch
    {
        Protocol.Tcp => "TCP",
        Protocol.Udp => "UDP",
        Protocol.Http => "HTTP",
        Protocol.HttpProxy => "HTTP_PROXY",
        Protocol.Http2 => "HTTP2",
        Protocol.Grpc => "GRPC",
        Protocol.GrpcWeb => "GRPC-WEB",
        Protocol.Https => "HTTPS",
        Protocol.Tls => "TLS",
        Protocol.Mongo => "Mongo",
        Protocol.Redis => "Redis",
        Protocol.MySql => "MySQL",
        _ => "",
    };
}
