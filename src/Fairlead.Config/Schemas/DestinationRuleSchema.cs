namespace Fairlead.Config.Schemas;

/// <summary>The kind DestinationRule and its policy blocks; fields and limits are those of Istio's CRD.</summary>
internal static class DestinationRuleSchema
{
    public const string Text = """
        @io.istio.networking.v1
        DestinationRule -- How traffic to a host is treated once it is routed: balancing, pools, ejection, TLS.
          metadata ObjectMeta -- Names, labels and annotations of the object.
          spec DestinationRuleSpec -- Host and policies.
          status raw -- Written by the control plane.
        DestinationRuleSpec -- Host and policies.
          host string required -- Name of a service, or a host of a ServiceEntry.
          trafficPolicy TrafficPolicy -- Policy for all subsets and ports.
          subsets []Subset -- Named parts of the host's endpoints.
          exportTo []string -- Namespaces that see it.
          workloadSelector PolicySelector -- Clients in the rule's own namespace that it is for; all when not given.
        PolicySelector
          matchLabels {}string maxlen=63
        Subset
          name string required -- Name that routes use.
          labels {}string -- Labels of the endpoints.
          trafficPolicy TrafficPolicy
        TrafficPolicy -- Blocks of policy.
          loadBalancer LoadBalancerSettings
          connectionPool ConnectionPoolSettings
          outlierDetection OutlierDetection
          tls ClientTLSSettings
          portLevelSettings []PortTrafficPolicy maxitems=4096 -- Policy by port; replaces the blocks above, does not add to them.
          tunnel TunnelSettings
          proxyProtocol ProxyProtocol
          retryBudget RetryBudget
        PortTrafficPolicy
          port PortSelector
          loadBalancer LoadBalancerSettings
          connectionPool ConnectionPoolSettings
          outlierDetection OutlierDetection
          tls ClientTLSSettings
        TunnelSettings
          protocol string -- CONNECT (default) or POST.
          targetHost string required
          targetPort uint32 required
        ProxyProtocol
          version string enum=V1|V2
        RetryBudget
          percent double nullable min=0 max=100
          minRetryConcurrency uint32
          budgetInterval duration
        LoadBalancerSettings oneof=simple|consistentHash|backendUtilization
          simple string enum=UNSPECIFIED|LEAST_CONN|RANDOM|PASSTHROUGH|ROUND_ROBIN|LEAST_REQUEST
          consistentHash ConsistentHashLB
          backendUtilization BackendUtilization
          localityLbSetting LocalityLoadBalancerSetting
          zoneAwareLbSetting ZoneAwareLoadBalancerSetting
          warmupDurationSecs duration -- Deprecated; see warmup.
          warmup WarmupConfiguration
        ConsistentHashLB
          httpHeaderName string
          httpCookie HTTPCookie
          useSourceIp bool
          httpQueryParameterName string
          ringHash RingHash
          maglev MagLev
          minimumRingSize int64 min=0 -- Deprecated; see ringHash.
        RingHash
          minimumRingSize int64 min=0
        MagLev
          tableSize int64 min=0
        HTTPCookie
          name string required
          path string
          ttl duration
          attributes []HTTPCookieAttribute
        HTTPCookieAttribute
          name string required
          value string
        BackendUtilization
          errorUtilizationPenaltyPercent uint32
          metricNamesForComputingUtilization []string
          weightExpirationPeriod duration
          weightStabilizationPeriod duration
          weightUpdatePeriod duration
        LocalityLoadBalancerSetting
          distribute []LocalityDistribute
          failover []LocalityFailover
          failoverPriority []string
          enabled bool nullable
        LocalityDistribute
          from string
          to {}uint32
        LocalityFailover
          from string
          to string
        ZoneAwareLoadBalancerSetting
          enabled bool nullable
          minClusterSize int64 nullable min=1 max=4294967295
          failover []LocalityFailover
          failoverPriority []string
        WarmupConfiguration
          duration duration required
          minimumPercent double nullable min=0 max=100
          aggression double nullable min=0
        ConnectionPoolSettings
          tcp TCPSettings
          http HTTPSettings
        TCPSettings
          maxConnections int32 -- Most connections to the host.
          connectTimeout duration -- Time to connect; 10s when not given.
          tcpKeepalive TcpKeepalive
          maxConnectionDuration duration
          idleTimeout duration
        TcpKeepalive
          probes uint32
          time duration
          interval duration
        HTTPSettings
          http1MaxPendingRequests int32 -- Most requests that wait for a connection.
          http2MaxRequests int32 -- Most requests at a time.
          maxRequestsPerConnection int32 -- 1 switches keep-alive off.
          maxRetries int32 -- Most retries at a time.
          idleTimeout duration
          h2UpgradePolicy string enum=DEFAULT|DO_NOT_UPGRADE|UPGRADE
          useClientProtocol bool
          maxConcurrentStreams int32
          http2KeepAlive HTTP2KeepAlive
        HTTP2KeepAlive
          interval duration
          timeout duration
        OutlierDetection -- Ejection of endpoints that fail.
          consecutiveErrors int32 -- Deprecated; see consecutive5xxErrors.
          splitExternalLocalOriginErrors bool
          consecutiveLocalOriginFailures uint32 nullable
          consecutiveGatewayErrors uint32 nullable
          consecutive5xxErrors uint32 nullable
          interval duration
          baseEjectionTime duration
          maxEjectionPercent int32
          minHealthPercent int32
          outlierDetectionHttpErrorCodes []int32 min=100 max=599
        ClientTLSSettings -- TLS that the proxy originates.
          mode string enum=DISABLE|SIMPLE|MUTUAL|ISTIO_MUTUAL
          clientCertificate string
          privateKey string
          caCertificates string
          credentialName string
          subjectAltNames []string
          sni string
          insecureSkipVerify bool nullable
          caCrl string
        """;
}
