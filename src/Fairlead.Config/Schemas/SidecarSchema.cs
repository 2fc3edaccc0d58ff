namespace Fairlead.Config.Schemas;

/// <summary>The kind Sidecar; fields and limits are those of Istio's CRD.</summary>
internal static class SidecarSchema
{
    public const string Text = """
        @io.istio.networking.v1
        Sidecar -- What the proxies of some workloads accept and can reach.
          metadata ObjectMeta -- Names, labels and annotations of the object.
          spec SidecarSpec -- Listeners and policy.
          status raw -- Written by the control plane.
        SidecarSpec -- Listeners and policy.
          workloadSelector SidecarWorkloadSelector -- Workloads it is for; the namespace when not given, in the root namespace the mesh.
          ingress []IstioIngressListener
          egress []IstioEgressListener
          inboundConnectionPool ConnectionPoolSettings
          outboundTrafficPolicy OutboundTrafficPolicy -- What happens to traffic that no service claims.
        SidecarWorkloadSelector
          labels {}string
        SidecarPort
          number uint32
          protocol string
          name string
          targetPort uint32
        IstioIngressListener
          port SidecarPort required
          bind string
          captureMode string enum=DEFAULT|IPTABLES|NONE
          defaultEndpoint string
          tls ServerTLSSettings
          connectionPool ConnectionPoolSettings
        IstioEgressListener
          port SidecarPort
          bind string
          captureMode string enum=DEFAULT|IPTABLES|NONE
          hosts []string required -- namespace/host; * stands for every namespace or host, . for its own, ~ for none.
        OutboundTrafficPolicy
          mode string enum=REGISTRY_ONLY|ALLOW_ANY -- REGISTRY_ONLY when the block is there without it.
          egressProxy Destination
        ServerTLSSettings
          httpsRedirect bool
          mode string enum=PASSTHROUGH|SIMPLE|MUTUAL|AUTO_PASSTHROUGH|ISTIO_MUTUAL|OPTIONAL_MUTUAL
          serverCertificate string
          privateKey string
          caCertificates string
          caCrl string
          credentialName string
          credentialNames []string maxitems=2
          caCertCredentialName string
          tlsCertificates []TLSCertificate maxitems=2
          subjectAltNames []string
          verifyCertificateSpki []string
          verifyCertificateHash []string
          minProtocolVersion string enum=TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3
          maxProtocolVersion string enum=TLS_AUTO|TLSV1_0|TLSV1_1|TLSV1_2|TLSV1_3
          cipherSuites []string
          ecdhCurves []string
          insecureSkipVerify bool nullable
        TLSCertificate
          serverCertificate string
          privateKey string
          caCertificates string
        """;
}
