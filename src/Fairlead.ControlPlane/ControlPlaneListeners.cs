using System.Net;
using System.Net.Sockets;
using Fairlead.ControlPlane.Authority;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Fairlead.ControlPlane;

/// <summary>The ports of the control plane on Kestrel, and by which of them a request came in.</summary>
internal static class ControlPlaneListeners
{
    private const string RoleKey = "fairlead.listener-role";

    /// <summary>Streams of one connection: a proxy needs two; Istio's agents multiplex a few more.</summary>
    private const int MaxStreamsPerConnection = 100;

    /// <summary>A projected token has about one kilobyte; Kestrel keeps a buffer of this size for each connection. gRPC's own clients have the same limit.</summary>
    private const int MaxHeaderFieldBytes = 8 * 1024;

    /// <summary>What may wait in each of a connection's two buffers before the writer waits: a proxy that does not read has both full.</summary>
    private const int WriteAheadBytes = 32 * 1024;

    /// <summary>Linux: bind to an address that no interface has yet (ip(7), IP_FREEBIND).</summary>
    private const int FreeBindOption = 15;

    public static void Configure(KestrelServerOptions kestrel, ControlPlaneOptions options, ServingCertificate certificate)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.Http2.MaxStreamsPerConnection = MaxStreamsPerConnection;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = MaxHeaderFieldBytes;
        kestrel.Limits.MaxResponseBufferSize = WriteAheadBytes;
        // A proxy whose machine vanished is noticed within a minute; one that is merely idle is not disturbed.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
        // Discovery streams are silent for hours, and a slow proxy is its own business: it holds one response at most.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;

        Listen(kestrel, options.ListenAddress, options.SecureDiscoveryPort, ListenerRole.SecureDiscovery, HttpProtocols.Http2, certificate);
        Listen(kestrel, IPAddress.Loopback, options.PlainDiscoveryPort, ListenerRole.PlainDiscovery, HttpProtocols.Http2, null);
        Listen(kestrel, options.ListenAddress, options.MonitoringPort, ListenerRole.Monitoring, HttpProtocols.Http1, null);
        if (!options.ListenAddress.Equals(IPAddress.Any) && !IPAddress.IsLoopback(options.ListenAddress))
            Listen(kestrel, IPAddress.Loopback, options.MonitoringPort, ListenerRole.Monitoring, HttpProtocols.Http1, null);
        Listen(kestrel, options.ListenAddress, options.WebhookPort, ListenerRole.Webhooks, HttpProtocols.Http1AndHttp2, certificate);
    }

    /// <summary>The bridge of the node comes up after us, and may go and come again: listening does not depend on it.</summary>
    public static void ConfigureSockets(SocketTransportOptions sockets)
    {
        sockets.MaxWriteBufferSize = WriteAheadBytes;
        sockets.CreateBoundListenSocket = static endpoint =>
        {
            var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                if (OperatingSystem.IsLinux() && endpoint is IPEndPoint { AddressFamily: AddressFamily.InterNetwork })
                    socket.SetRawSocketOption((int)SocketOptionLevel.IP, FreeBindOption, BitConverter.GetBytes(1));
                socket.Bind(endpoint);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                throw;
            }
        };
    }

    public static ListenerRole RoleOf(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(RoleKey, out var role) == true && role is ListenerRole known
            ? known
            : throw new InvalidOperationException("a connection without a role: every port must be opened by Listen");

    private static void Listen(
        KestrelServerOptions kestrel, IPAddress address, int port, ListenerRole role, HttpProtocols protocols, ServingCertificate? certificate) =>
        kestrel.Listen(address, port, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(next => connection =>
            {
                connection.Items[RoleKey] = role;
                return next(connection);
            });
            if (certificate is not null)
                listen.UseHttps(https => https.ServerCertificateSelector = (_, _) => certificate.Current);
        });
}
