using System.Collections.Concurrent;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>
/// Finds fields of a resource that this proxy does not act on: those it does not know (by number), and those it knows and
/// passes over. Messages that are not in the table are taken to be obeyed in whole. What would send traffic wrong is refused
/// by the compilers; the rest is named here, so that nothing is ignored in silence.
/// </summary>
internal static class FieldSupport
{
    /// <summary>Nested messages; the protos nest about 15 deep, a route's matchers can recurse.</summary>
    private const int MaxDepth = 64;

    private const int MessagesBetweenBreaks = 5_000;

    /// <summary>By message: the fields that it acts on. Split when a message is first seen.</summary>
    private static readonly Dictionary<string, string> Obeyed = new(StringComparer.Ordinal)
    {
        ["envoy.config.bootstrap.v3.Bootstrap"] = "node static_resources dynamic_resources admin layered_runtime",
        ["envoy.config.bootstrap.v3.Bootstrap.StaticResources"] = "listeners clusters",
        ["envoy.config.bootstrap.v3.Bootstrap.DynamicResources"] = "lds_config cds_config ads_config",
        ["envoy.config.bootstrap.v3.Admin"] = "address",
        ["envoy.config.bootstrap.v3.RuntimeLayer"] = "name static_layer",
        ["envoy.config.core.v3.ApiConfigSource"] = "api_type transport_api_version grpc_services set_node_on_first_message_only",
        ["envoy.config.core.v3.GrpcService"] = "envoy_grpc google_grpc initial_metadata",
        ["envoy.config.core.v3.GrpcService.EnvoyGrpc"] = "cluster_name",
        ["envoy.config.core.v3.GrpcService.GoogleGrpc"] = "target_uri channel_credentials stat_prefix",
        ["envoy.config.core.v3.GrpcService.GoogleGrpc.SslCredentials"] = "root_certs",
        ["envoy.config.core.v3.DataSource"] = "filename inline_bytes inline_string environment_variable",
        ["envoy.config.core.v3.SchemeHeaderTransformation"] = "scheme_to_overwrite",
        ["envoy.config.core.v3.SocketAddress"] = "protocol address port_value named_port",
        ["envoy.config.cluster.v3.UpstreamConnectionOptions"] = "tcp_keepalive",
        ["envoy.config.cluster.v3.Cluster.OriginalDstLbConfig"] = "use_http_header http_header_name upstream_port_override",
        ["envoy.config.route.v3.WeightedCluster"] = "clusters total_weight",
        ["envoy.config.route.v3.WeightedCluster.ClusterWeight"] =
            "name cluster_header weight request_headers_to_add request_headers_to_remove response_headers_to_add response_headers_to_remove "
            + "host_rewrite_literal",
        ["envoy.config.route.v3.RouteAction.MaxStreamDuration"] = "max_stream_duration",
        ["envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector"] = "max_client_hello_size close_connection_on_client_hello_parsing_errors",
        ["envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig"] = "cidr_ranges",
        ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight"] = "name weight",
        ["io.istio.http.peer_metadata.Config.DiscoveryMethod"] = "istio_headers workload_discovery",
        ["io.istio.http.peer_metadata.Config.PropagationMethod"] = "istio_headers",
        ["envoy.config.cluster.v3.Cluster"] =
            "name alt_stat_name type eds_cluster_config connect_timeout per_connection_buffer_limit_bytes lb_policy load_assignment "
            + "max_requests_per_connection circuit_breakers common_http_protocol_options http_protocol_options typed_extension_protocol_options "
            + "dns_refresh_rate dns_jitter dns_failure_refresh_rate respect_dns_ttl dns_lookup_family cleanup_interval upstream_bind_config "
            + "original_dst_lb_config least_request_lb_config round_robin_lb_config common_lb_config metadata upstream_connection_options "
            + "transport_socket transport_socket_matches lb_subset_config http2_protocol_options load_balancing_policy cluster_type "
            + "ignore_health_on_host_removal close_connections_on_host_health_failure filters",
        ["envoy.config.cluster.v3.Cluster.CommonLbConfig"] =
            "healthy_panic_threshold close_connections_on_host_set_change",
        ["envoy.config.cluster.v3.Cluster.LeastRequestLbConfig"] = "choice_count active_request_bias",
        ["envoy.config.cluster.v3.Cluster.RoundRobinLbConfig"] = string.Empty,
        ["envoy.config.cluster.v3.CircuitBreakers"] = "thresholds",
        ["envoy.config.cluster.v3.CircuitBreakers.Thresholds"] =
            "priority max_connections max_pending_requests max_requests max_retries retry_budget track_remaining",
        ["envoy.config.core.v3.BindConfig"] = "source_address",
        ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"] =
            "common_http_protocol_options explicit_http_config use_downstream_protocol_config auto_config",
        ["envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig"] = "http_protocol_options",
        ["envoy.config.endpoint.v3.ClusterLoadAssignment"] = "cluster_name endpoints policy",
        ["envoy.config.endpoint.v3.ClusterLoadAssignment.Policy"] = "overprovisioning_factor drop_overloads",
        ["envoy.config.endpoint.v3.LocalityLbEndpoints"] = "locality lb_endpoints load_balancing_weight priority",
        ["envoy.config.endpoint.v3.LbEndpoint"] = "endpoint health_status metadata load_balancing_weight",
        ["envoy.config.endpoint.v3.Endpoint"] = "address hostname",
        ["envoy.config.listener.v3.Listener"] =
            "name address additional_addresses stat_prefix filter_chains use_original_dst default_filter_chain per_connection_buffer_limit_bytes "
            + "metadata deprecated_v1 listener_filters listener_filters_timeout continue_on_listener_filters_timeout transparent freebind "
            + "traffic_direction access_log tcp_backlog_size bind_to_port tcp_keepalive reuse_port enable_reuse_port fcds_config api_listener "
            + "internal_listener",
        ["envoy.config.listener.v3.FilterChain"] = "filter_chain_match filters metadata transport_socket name",
        ["envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy"] =
            "stat_prefix cluster weighted_clusters on_demand idle_timeout access_log max_connect_attempts tunneling_config "
            + "max_downstream_connection_duration access_log_flush_interval flush_access_log_on_connected access_log_options",
        ["envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"] =
            "codec_type stat_prefix rds route_config scoped_routes http_filters tracing common_http_protocol_options http_protocol_options "
            + "server_name server_header_transformation scheme_header_transformation max_request_headers_kb stream_idle_timeout request_timeout "
            + "request_headers_timeout drain_timeout delayed_close_timeout access_log use_remote_address xff_num_trusted_hops "
            + "original_ip_detection_extensions early_header_mutation_extensions internal_address_config skip_xff_append via generate_request_id "
            + "preserve_external_request_id always_set_request_id_in_response proxy_100_continue upgrade_configs normalize_path merge_slashes "
            + "path_with_escaped_slashes_action request_id_extension local_reply_config strip_matching_host_port strip_any_host_port "
            + "stream_error_on_invalid_http_message strip_trailing_host_dot append_x_forwarded_port forward_client_cert_details "
            + "set_current_client_cert_details http2_protocol_options",
        ["envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing"] =
            "client_sampling random_sampling overall_sampling",
        ["envoy.config.core.v3.Http1ProtocolOptions"] =
            "allow_absolute_url accept_http_10 default_host_for_http_10 header_key_format enable_trailers allow_chunked_length "
            + "override_stream_error_on_invalid_http_message",
        ["envoy.extensions.filters.http.router.v3.Router"] =
            "suppress_envoy_headers strict_check_headers respect_expected_rq_timeout upstream_http_filters",
        ["envoy.config.route.v3.RouteConfiguration"] =
            "name virtual_hosts vhds internal_only_headers response_headers_to_add response_headers_to_remove request_headers_to_add "
            + "request_headers_to_remove most_specific_header_mutations_wins validate_clusters max_direct_response_body_size_bytes "
            + "request_mirror_policies ignore_port_in_host_matching metadata",
        ["envoy.config.route.v3.VirtualHost"] =
            "name domains routes require_tls request_headers_to_add request_headers_to_remove response_headers_to_add response_headers_to_remove "
            + "include_request_attempt_count include_attempt_count_in_response retry_policy per_request_buffer_limit_bytes "
            + "request_body_buffer_limit request_mirror_policies metadata",
        ["envoy.config.route.v3.Route"] =
            "name match route redirect direct_response filter_action non_forwarding_action metadata decorator request_headers_to_add "
            + "request_headers_to_remove response_headers_to_add response_headers_to_remove per_request_buffer_limit_bytes request_body_buffer_limit",
        ["envoy.config.route.v3.RouteMatch"] =
            "prefix path safe_regex connect_matcher path_separated_prefix path_match_policy case_sensitive runtime_fraction headers "
            + "query_parameters cookies grpc tls_context dynamic_metadata",
        ["envoy.config.route.v3.RouteAction"] =
            "cluster cluster_header weighted_clusters cluster_not_found_response_code prefix_rewrite regex_rewrite host_rewrite_literal "
            + "auto_host_rewrite host_rewrite_header host_rewrite_path_regex append_x_forwarded_host timeout idle_timeout retry_policy "
            + "request_mirror_policies priority hash_policy upgrade_configs internal_redirect_policy max_stream_duration",
        ["envoy.config.route.v3.RetryPolicy"] =
            "retry_on num_retries per_try_timeout per_try_idle_timeout retry_priority retry_host_predicate host_selection_retry_max_attempts "
            + "retriable_status_codes retry_back_off retriable_headers retriable_request_headers",
        ["io.istio.http.peer_metadata.Config"] =
            "downstream_discovery upstream_discovery downstream_propagation upstream_propagation additional_labels",
        ["stats.PluginConfig"] = "disable_host_header_fallback metrics tcp_reporting_duration",
        ["stats.MetricConfig"] = "name tags_to_remove drop",
    };

    private static readonly ConcurrentDictionary<string, MessageChecks> Known = new(StringComparer.Ordinal);

    /// <summary>What follows for traffic, where a field is not merely without effect.</summary>
    public static string Consequence(string field) => field switch
    {
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig.http2_protocol_options"
            or "envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig.http3_protocol_options"
            => "is not supported by this proxy: requests to the cluster are answered 503 (no healthy upstream)",
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig.upgrade_type"
            or "envoy.config.route.v3.RouteAction.UpgradeConfig.upgrade_type"
            => "CONNECT is not supported by this proxy: such requests are answered 403",
        "envoy.config.core.v3.SubstitutionFormatString.text_format" or "envoy.config.core.v3.SubstitutionFormatString.text_format_source"
            or "envoy.config.core.v3.SubstitutionFormatString.json_format" or "envoy.config.core.v3.HeaderValue.value"
            => "reads filter state, of which this proxy keeps none: it prints '-' there",
        _ => "has no effect on this proxy",
    };

    /// <param name="messageName">Full name of the resource's message.</param>
    /// <param name="bytes">Its wire form.</param>
    /// <param name="report">Takes "message.field" for every field that has no effect, once per occurrence.</param>
    /// <exception cref="FormatException">The bytes are malformed.</exception>
    public static void Inspect(string messageName, ReadOnlySpan<byte> bytes, Action<string> report)
    {
        var breaks = new Loop.Breaks(MessagesBetweenBreaks);
        if (Checks(messageName) is { } checks) Walk(checks, bytes, report, ref breaks, 0);
    }

    /// <summary>Null: no such message is declared, so nothing can be said of its fields.</summary>
    private static MessageChecks? Checks(string messageName) =>
        ProtoSchema.Default.Message(messageName) is { } schema ? Known.GetOrAdd(messageName, static (_, schema) => new MessageChecks(schema), schema) : null;

    private static void Walk(MessageChecks message, ReadOnlySpan<byte> bytes, Action<string> report, ref Loop.Breaks breaks, int depth)
    {
        if (depth > MaxDepth || message.IsOpaque) return;
        breaks.Count();
        if (message.IsAny)
        {
            WalkAny(bytes, report, ref breaks, depth);
            return;
        }
        var reader = new WireReader(bytes);
        while (reader.Read())
        {
            var field = message.Field(reader.Field);
            if (!field.HasPresence && reader.Number == 0) continue;
            if (!field.IsObeyed) report(field.Name);
            else if (field.IsIneffective is { } isIneffective && isIneffective(reader.Content)) report(field.Name);
            else if (field.Inner is { } inner) Walk(inner, reader.Content, report, ref breaks, depth + 1);
        }
    }

    /// <summary>Fields of which some values have an effect and others have none.</summary>
    private static ValueCheck? ValueCheckOf(string field) => field switch
    {
        "envoy.config.listener.v3.Listener.enable_reuse_port" => IsFalse,
        "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig.upgrade_type"
            or "envoy.config.route.v3.RouteAction.UpgradeConfig.upgrade_type" => IsConnect,
        "envoy.config.core.v3.SubstitutionFormatString.text_format" or "envoy.config.core.v3.SubstitutionFormatString.text_format_source"
            or "envoy.config.core.v3.SubstitutionFormatString.json_format" or "envoy.config.core.v3.HeaderValue.value" => ReadsFilterState,
        _ => null,
    };

    /// <summary>CONNECT and CONNECT-UDP (Envoy matches the type without regard to case).</summary>
    private static bool IsConnect(ReadOnlySpan<byte> type) => System.Text.Ascii.EqualsIgnoreCase(type, "CONNECT"u8) || System.Text.Ascii.EqualsIgnoreCase(type, "CONNECT-UDP"u8);

    /// <summary>Of a format, whatever it is wrapped in: Istio's own filters keep the peer's workload there.</summary>
    private static bool ReadsFilterState(ReadOnlySpan<byte> format) => format.IndexOf("FILTER_STATE("u8) >= 0;

    /// <summary>Of a BoolValue. Workers have a socket each; one that they share is not made.</summary>
    private static bool IsFalse(ReadOnlySpan<byte> value)
    {
        var reader = new WireReader(value);
        var isTrue = false;
        while (reader.Read()) isTrue = reader.Number != 0;
        return !isTrue;
    }

    /// <summary>What a bootstrap holds of resources is looked at one by one, under the resource's name.</summary>
    private static bool IsResource(string field) =>
        field is "envoy.config.bootstrap.v3.Bootstrap.StaticResources.clusters" or "envoy.config.bootstrap.v3.Bootstrap.StaticResources.listeners";

    private static void WalkAny(ReadOnlySpan<byte> bytes, Action<string> report, ref Loop.Breaks breaks, int depth)
    {
        var name = string.Empty;
        ReadOnlySpan<byte> value = default;
        var reader = new WireReader(bytes);
        while (reader.Read())
        {
            if (reader.Field == 1) name = Xds.Names.TypeUrl.MessageName(System.Text.Encoding.UTF8.GetString(reader.Content));
            else if (reader.Field == 2) value = reader.Content;
        }
        if (TypedConfig.IsTypedStruct(name)) WalkTypedStruct(bytes, report, ref breaks, depth);
        else if (Checks(name) is { } message) Walk(message, value, report, ref breaks, depth + 1);
    }

    /// <summary>What a struct stands for is looked at as that message: Istio ships its own filters so.</summary>
    private static void WalkTypedStruct(ReadOnlySpan<byte> any, Action<string> report, ref Loop.Breaks breaks, int depth)
    {
        try
        {
            var config = TypedConfig.Open(Google.Protobuf.WellKnownTypes.Any.Parser.ParseFrom(any), string.Empty);
            // Of other types the compilers say that they are not supported.
            if (Checks(config.TypeName) is { } message) Walk(message, config.Bytes(report).Span, report, ref breaks, depth + 1);
        }
        catch (Exception e) when (e is FormatException or Google.Protobuf.InvalidProtocolBufferException)
        {
            // The compilers refuse the resource with the place and the reason.
        }
    }

    /// <summary>What is checked of one message, looked up by name once: a push has ten thousand of the same.</summary>
    private sealed class MessageChecks(MessageSchema schema)
    {
        private readonly ConcurrentDictionary<int, FieldCheck> _fields = new();
        private readonly HashSet<string>? _obeyed = Obeyed.TryGetValue(schema.FullName, out var names) ? [.. names.Split(' ')] : null;

        /// <summary>Values without structure of their own, and metadata, whose keys are anybody's.</summary>
        public bool IsOpaque { get; } = schema.FullName is "google.protobuf.Struct" or "google.protobuf.Value" or "envoy.config.core.v3.Metadata";

        public bool IsAny { get; } = schema.FullName == "google.protobuf.Any";

        public FieldCheck Field(int number)
        {
            if (_fields.TryGetValue(number, out var known)) return known;
            // Numbers that nobody declared are not remembered: there are half a billion of them.
            return schema.Field(number) is { } field ? _fields.GetOrAdd(number, Make(field)) : new FieldCheck($"{schema.FullName}.#{number}", false, true, null, null);
        }

        private FieldCheck Make(FieldSchema field)
        {
            var name = $"{schema.FullName}.{field.Name}";
            var isObeyed = _obeyed is null || _obeyed.Contains(field.Name);
            var inner = isObeyed && field.IsMessage && !IsResource(name) ? Checks(field.TypeName) : null;
            return new FieldCheck(name, isObeyed, field.HasPresence, ValueCheckOf(name), inner);
        }
    }

    /// <param name="Name">With its message's.</param>
    /// <param name="IsObeyed">False: no value of it has an effect.</param>
    /// <param name="HasPresence">Whether it can be there with the default value, which of another field says no more than its absence.</param>
    /// <param name="IsIneffective">Finds the values without effect; null = there are none.</param>
    /// <param name="Inner">What to check of the message in it.</param>
    private sealed record FieldCheck(string Name, bool IsObeyed, bool HasPresence, ValueCheck? IsIneffective, MessageChecks? Inner);

    private delegate bool ValueCheck(ReadOnlySpan<byte> value);
}
