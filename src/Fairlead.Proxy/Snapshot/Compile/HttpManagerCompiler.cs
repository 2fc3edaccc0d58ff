using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Envoy.Extensions.Http.HeaderFormatters.PreserveCase.V3;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Xds.Json;
using Types = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>The HTTP connection manager.</summary>
internal sealed class HttpManagerCompiler
{
    private const string PreserveCase = "envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig";

    private static readonly byte[] DefaultServerName = "envoy"u8.ToArray();

    private readonly CompileContext _context;
    private readonly RouteCompiler _routes;
    private readonly AccessLogCompiler _logs;
    private readonly HttpFilterCompiler _filters;

    public HttpManagerCompiler(CompileContext context)
    {
        _context = context;
        _routes = new RouteCompiler(context);
        _logs = new AccessLogCompiler(context);
        _filters = new HttpFilterCompiler(context);
    }

    public HttpConnectionManagerConfig Compile(HttpConnectionManager manager, string path)
    {
        Check(manager, path);
        var common = manager.CommonHttpProtocolOptions;
        var http1 = manager.HttpProtocolOptions;
        var requestId = RequestId(manager, path);
        return new HttpConnectionManagerConfig
        {
            StatPrefix = manager.StatPrefix,
            Codec = manager.CodecType == Types.CodecType.Http1 ? HttpCodecType.Http1 : HttpCodecType.Auto,
            RouteConfigName = manager.Rds?.RouteConfigName,
            RouteConfigFile = ProtoValues.SourceFile(manager.Rds?.ConfigSource, path + ".rds.config_source"),
            InlineRoutes = manager.RouteConfig is null ? null : _routes.Compile(manager.RouteConfig, isInline: true),
            Filters = _filters.Compile(manager.HttpFilters, path + ".http_filters"),
            ServerName = ProtoValues.Text(manager.ServerName) ?? DefaultServerName,
            ServerHeader = (ServerHeaderMode)manager.ServerHeaderTransformation,
            SchemeOverwrite = ProtoValues.Text(manager.SchemeHeaderTransformation?.SchemeToOverwrite ?? string.Empty),
            StreamIdleTimeout = ProtoValues.Time(manager.StreamIdleTimeout, TimeSpan.FromMinutes(5), path + ".stream_idle_timeout"),
            RequestTimeout = ProtoValues.Time(manager.RequestTimeout, TimeSpan.Zero, path + ".request_timeout"),
            RequestHeadersTimeout = ProtoValues.Time(manager.RequestHeadersTimeout, TimeSpan.Zero, path + ".request_headers_timeout"),
            DelayedCloseTimeout = ProtoValues.Time(manager.DelayedCloseTimeout, TimeSpan.FromSeconds(1), path + ".delayed_close_timeout"),
            IdleTimeout = ProtoValues.Time(common?.IdleTimeout, TimeSpan.FromHours(1), path + ".idle_timeout"),
            MaxConnectionDuration = ProtoValues.Time(common?.MaxConnectionDuration, TimeSpan.Zero, path + ".max_connection_duration"),
            MaxStreamDuration = ProtoValues.Time(common?.MaxStreamDuration, TimeSpan.Zero, path + ".max_stream_duration"),
            MaxRequestsPerConnection = (int?)ProtoValues.Limit(common?.MaxRequestsPerConnection),
            MaxRequestHeaderBytes = (int)Math.Min(manager.MaxRequestHeadersKb ?? 60, 8192) * 1024,
            MaxHeaders = (int)(common?.MaxHeadersCount ?? 100),
            Underscores = (UnderscoreMode)(common?.HeadersWithUnderscoresAction ?? 0),
            AccessLogs = _logs.Compile(manager.AccessLog, path + ".access_log"),
            UseRemoteAddress = manager.UseRemoteAddress ?? false,
            XffTrustedHops = (int)manager.XffNumTrustedHops,
            SkipXffAppend = manager.SkipXffAppend,
            KeepClientCertHeader = manager.ForwardClientCertDetails == HttpConnectionManager.Types.ForwardClientCertDetails.AlwaysForwardOnly,
            AppendXForwardedPort = manager.AppendXForwardedPort,
            InternalAddresses = ProtoValues.Prefixes(manager.InternalAddressConfig?.CidrRanges ?? [], path + ".internal_address_config.cidr_ranges"),
            Via = ProtoValues.Text(manager.Via),
            GenerateRequestId = manager.GenerateRequestId ?? true,
            PreserveExternalRequestId = manager.PreserveExternalRequestId,
            AlwaysSetRequestIdInResponse = manager.AlwaysSetRequestIdInResponse,
            PackTraceReason = requestId?.PackTraceReason ?? true,
            UseRequestIdForTraceSampling = requestId?.UseRequestIdForTraceSampling ?? true,
            Tracing = Tracing(manager.Tracing),
            Proxy100Continue = manager.Proxy100Continue,
            Upgrades = [.. manager.UpgradeConfigs.Select(upgrade => new UpgradeSetting(ProtoValues.Lower(upgrade.UpgradeType), upgrade.Enabled ?? true))],
            NormalizePath = manager.NormalizePath ?? false,
            MergeSlashes = manager.MergeSlashes,
            EscapedSlashes = Slashes(manager.PathWithEscapedSlashesAction),
            StripPort = manager.StripAnyHostPort ? StripPortMode.Any : manager.StripMatchingHostPort ? StripPortMode.Matching : StripPortMode.None,
            StripTrailingHostDot = manager.StripTrailingHostDot,
            AcceptHttp10 = http1?.AcceptHttp10 ?? false,
            DefaultHostForHttp10 = ProtoValues.Text(http1?.DefaultHostForHttp10 ?? string.Empty),
            AllowAbsoluteUrl = http1?.AllowAbsoluteUrl ?? true,
            EnableTrailers = http1?.EnableTrailers ?? false,
            AllowChunkedLength = http1?.AllowChunkedLength ?? false,
            HeaderCase = HeaderCase(http1?.HeaderKeyFormat, path),
            StreamErrorOnInvalidMessage = http1?.OverrideStreamErrorOnInvalidHttpMessage ?? manager.StreamErrorOnInvalidHttpMessage ?? false,
            LocalReply = LocalReply(manager.LocalReplyConfig, path + ".local_reply_config"),
            Stats = HttpManagerStats.Of(_context.Stats, manager.StatPrefix),
        };
    }

    public static HeaderCase HeaderCase(Envoy.Config.Core.V3.Http1ProtocolOptions.Types.HeaderKeyFormat? format, string path)
    {
        if (format is null) return default;
        if (format.ProperCaseWords is not null) return new HeaderCase(IsPreserved: false, IsProper: true, ForwardsReason: false);
        var config = TypedConfig.Open(format.StatefulFormatter?.TypedConfig, path + ".header_key_format");
        if (config.TypeName != PreserveCase)
        {
            throw new ConfigException(path + ".header_key_format", $"formatter {config.TypeName} is not supported");
        }
        var formatter = config.Read(PreserveCaseFormatterConfig.Parser);
        var isProper = formatter.FormatterTypeOnEnvoyHeaders == PreserveCaseFormatterConfig.Types.FormatterTypeOnEnvoyHeaders.ProperCase;
        return new HeaderCase(IsPreserved: true, isProper, formatter.ForwardReasonPhrase);
    }

    private static void Check(HttpConnectionManager manager, string path)
    {
        if (manager.CodecType is Types.CodecType.Http2 or Types.CodecType.Http3)
        {
            throw new ConfigException(path + ".codec_type", $"{manager.CodecType} is not supported");
        }
        if (manager.RouteSpecifierCase == HttpConnectionManager.RouteSpecifierOneofCase.ScopedRoutes)
        {
            throw new ConfigException(path + ".scoped_routes", "is not supported");
        }
        if (manager.RouteSpecifierCase == HttpConnectionManager.RouteSpecifierOneofCase.None)
        {
            throw new ConfigException(path, "expected rds or route_config");
        }
        if (manager.OriginalIpDetectionExtensions.Count > 0) throw new ConfigException(path + ".original_ip_detection_extensions", "is not supported");
        if (manager.EarlyHeaderMutationExtensions.Count > 0) throw new ConfigException(path + ".early_header_mutation_extensions", "is not supported");
    }

    private static Envoy.Extensions.RequestId.Uuid.V3.UuidRequestIdConfig? RequestId(HttpConnectionManager manager, string path)
    {
        if (manager.RequestIdExtension?.TypedConfig is not { } any) return null;
        var config = TypedConfig.Open(any, path + ".request_id_extension");
        return config.TypeName == "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig"
            ? config.Read(Envoy.Extensions.RequestId.Uuid.V3.UuidRequestIdConfig.Parser)
            : throw new ConfigException(path + ".request_id_extension", $"{config.TypeName} is not supported");
    }

    private static TracingConfig? Tracing(Types.Tracing? tracing) => tracing is null
        ? null
        : new TracingConfig(Hundredths(tracing.ClientSampling), Hundredths(tracing.RandomSampling), Hundredths(tracing.OverallSampling));

    private static int Hundredths(Envoy.Type.V3.Percent? percent) => (int)Math.Clamp(Math.Round((percent?.Value ?? 100) * 100), 0, 10_000);

    private static EscapedSlashesMode Slashes(Types.PathWithEscapedSlashesAction action) => action switch
    {
        Types.PathWithEscapedSlashesAction.RejectRequest => EscapedSlashesMode.RejectRequest,
        Types.PathWithEscapedSlashesAction.UnescapeAndRedirect => EscapedSlashesMode.UnescapeAndRedirect,
        Types.PathWithEscapedSlashesAction.UnescapeAndForward => EscapedSlashesMode.UnescapeAndForward,
        _ => EscapedSlashesMode.KeepUnchanged,
    };

    private LocalReplyConfig LocalReply(Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.LocalReplyConfig? config, string path)
    {
        if (config is null) return LocalReplyConfig.None;
        var headers = new HeaderMutationCompiler(_context.Formats);
        var mappers = new List<LocalReplyConfig.Mapper>(config.Mappers.Count);
        for (var i = 0; i < config.Mappers.Count; i++)
        {
            var mapper = config.Mappers[i];
            var place = $"{path}.mappers[{i}]";
            mappers.Add(new LocalReplyConfig.Mapper
            {
                Filter = LogFilterCompiler.Compile(mapper.Filter, place + ".filter"),
                StatusCode = (int?)mapper.StatusCode,
                Body = mapper.Body is null ? null : ProtoValues.Data(mapper.Body, _context, place + ".body"),
                BodyFormat = _context.Formats.Reply(mapper.BodyFormatOverride, _context, place + ".body_format_override"),
                Headers = headers.Compile(mapper.HeadersToAdd, [], place + ".headers_to_add"),
            });
        }
        return new LocalReplyConfig
        {
            Mappers = mappers,
            BodyFormat = _context.Formats.Reply(config.BodyFormat, _context, path + ".body_format"),
        };
    }
}
