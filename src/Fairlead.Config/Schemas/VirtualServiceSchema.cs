namespace Fairlead.Config.Schemas;

/// <summary>The kind VirtualService; fields and limits are those of Istio's CRD.</summary>
internal static class VirtualServiceSchema
{
    public const string Text = """
        @io.istio.networking.v1
        VirtualService -- Rules that say where requests to a host go, and how.
          metadata ObjectMeta -- Names, labels and annotations of the object.
          spec VirtualServiceSpec -- Hosts and their rules.
          status raw -- Written by the control plane.
        VirtualServiceSpec -- Hosts and their rules.
          hosts []string -- Hosts that the rules are for: names, short names of services of the namespace, *.x, addresses.
          gateways []string -- Gateways that apply the rules; mesh (default) stands for all sidecars.
          http []HTTPRoute -- Rules for HTTP traffic, in order; the first that matches wins.
          tls []TLSRoute -- Rules by SNI for traffic that stays encrypted, on HTTPS and TLS ports.
          tcp []TCPRoute -- Rules for other ports.
          exportTo []string -- Namespaces that see it: names, . for its own, * for all.
        HTTPRoute -- One rule for HTTP traffic.
          name string -- Name in access logs.
          match []HTTPMatchRequest -- Conditions, of which one must hold; none means every request.
          route []HTTPRouteDestination -- Where requests go, by weight.
          redirect HTTPRedirect -- Answer with a redirect instead.
          directResponse HTTPDirectResponse -- Answer with a fixed response instead.
          delegate Delegate -- Another VirtualService that goes on.
          rewrite HTTPRewrite -- Changes of path and host before sending on.
          timeout duration -- Longest time for the whole request; none when not given. Does not act on HTTPS, TLS and TCP ports.
          retries HTTPRetry -- What is tried again, and how often.
          fault HTTPFaultInjection -- Delays and errors on purpose.
          mirror Destination -- Where a copy of each request goes.
          mirrorPercent uint32 nullable -- Deprecated; see mirrorPercentage.
          mirror_percent uint32 nullable -- Deprecated; see mirrorPercentage.
          mirrorPercentage Percent -- Share of requests that are copied; all when not given.
          mirrors []HTTPMirrorPolicy -- Several destinations of copies.
          corsPolicy CorsPolicy -- Cross-origin rules.
          headers Headers -- Header changes for all destinations.
        HTTPMatchRequest -- Conditions that must hold together.
          name string
          uri StringMatch -- Path.
          scheme StringMatch
          method StringMatch
          authority StringMatch -- Host header.
          headers {}StringMatch -- Headers by lower-case name; an empty match asks for presence.
          port uint32 -- Port of the service that is addressed.
          sourceLabels {}string -- Labels of the client.
          gateways []string
          queryParams {}StringMatch -- Query parameters by name.
          ignoreUriCase bool -- Whether case is ignored in exact and prefix matches of uri.
          withoutHeaders {}StringMatch -- Headers that must not match.
          sourceNamespace string -- Namespace of the client.
          statPrefix string
        StringMatch oneof=exact|prefix|regex -- A match of a text.
          exact string
          prefix string
          regex string -- RE2, for the whole text.
        HTTPRouteDestination
          destination Destination required
          weight int32 -- Share of the requests: weight divided by the sum of weights.
          headers Headers
        Destination -- A host of the registry, and the part of it that is meant.
          host string required -- Name of a service, or a host of a ServiceEntry.
          subset string -- A subset of the host's DestinationRule.
          port PortSelector -- Needed when the host has several ports.
        PortSelector
          number uint32
        RouteDestination
          destination Destination required
          weight int32
        HTTPRedirect oneof=port|derivePort
          uri string
          authority string
          port uint32
          derivePort string enum=FROM_PROTOCOL_DEFAULT|FROM_REQUEST_PORT
          scheme string
          redirectCode uint32 -- 301 when not given.
          prefixRewrite string
        HTTPDirectResponse
          status uint32 required
          body HTTPBody
        HTTPBody oneof=string|bytes
          string string
          bytes bytes
        Delegate
          name string
          namespace string
        HTTPRewrite
          uri string -- Replaces the matched prefix, or the path.
          authority string -- Replaces the Host header.
          uriRegexRewrite RegexRewrite
        RegexRewrite
          match string
          rewrite string
        HTTPRetry -- What is tried again.
          attempts int32 -- Further attempts; 0 switches retries off.
          perTryTimeout duration -- Longest time of one attempt; the route's timeout when not given.
          retryOn string -- Comma-separated conditions (5xx, gateway-error, connect-failure ...) and status codes.
          retryRemoteLocalities bool nullable
          retryIgnorePreviousHosts bool nullable
          backoff duration -- Base pause between attempts; 25ms when not given.
        HTTPFaultInjection
          delay FaultDelay
          abort FaultAbort
        FaultDelay oneof=fixedDelay|exponentialDelay
          percent int32
          percentage Percent
          fixedDelay duration
          exponentialDelay duration
        FaultAbort oneof=httpStatus|grpcStatus|http2Error
          percentage Percent
          httpStatus int32
          grpcStatus string
          http2Error string
        Percent
          value double
        HTTPMirrorPolicy
          destination Destination required
          percentage Percent
        CorsPolicy
          allowOrigin []string
          allowOrigins []StringMatch
          allowMethods []string
          allowHeaders []string
          exposeHeaders []string
          maxAge duration
          allowCredentials bool nullable
          unmatchedPreflights string enum=UNSPECIFIED|FORWARD|IGNORE
        Headers
          request HeaderOperations
          response HeaderOperations
        HeaderOperations
          set {}string -- Replaces headers.
          add {}string -- Appends to headers.
          remove []string -- Drops headers.
        TLSRoute -- One rule by SNI.
          match []TLSMatchAttributes required
          route []RouteDestination
        TLSMatchAttributes
          sniHosts []string required -- Server names; each must be covered by a host of the VirtualService.
          destinationSubnets []string
          port uint32
          sourceLabels {}string
          gateways []string
          sourceNamespace string
        TCPRoute -- One rule for opaque traffic.
          match []L4MatchAttributes
          route []RouteDestination
        L4MatchAttributes
          destinationSubnets []string
          port uint32
          sourceLabels {}string
          gateways []string
          sourceNamespace string
          sourceSubnet string
        """;
}
