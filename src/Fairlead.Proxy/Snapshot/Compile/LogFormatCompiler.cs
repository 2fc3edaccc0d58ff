using System.Globalization;
using System.Text;
using System.Text.Json;
using Envoy.Config.Core.V3;
using Fairlead.Proxy.Telemetry.Logging;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>Format strings and JSON formats to <see cref="LogFormat"/>. Equal texts share one object.</summary>
internal sealed class LogFormatCompiler
{
    private const string EnvoyDefault =
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% %BYTES_RECEIVED% "
        + "%BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
        + "\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\"\n";

    private const int MaxCachedFormats = 64; // every listener of a mesh usually has the same one

    private readonly FormatParser _parser;
    private readonly Dictionary<string, LogFormat> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LogFormat> _textsWithoutEmpty = new(StringComparer.Ordinal);

    public LogFormatCompiler(OperatorEnvironment environment)
    {
        _parser = new FormatParser(new OperatorTable(environment));
        Default = Text(EnvoyDefault, omitEmpty: false, "default format");
    }

    /// <summary>Envoy's format for logs that give none.</summary>
    public LogFormat Default { get; }

    public LogFormat Text(string format, bool omitEmpty, string path)
    {
        var texts = omitEmpty ? _textsWithoutEmpty : _texts;
        if (texts.TryGetValue(format, out var known)) return known;
        var compiled = new TextFormat(Parse(format, path), omitEmpty);
        if (texts.Count < MaxCachedFormats) texts[format] = compiled;
        return compiled;
    }

    public LogFormat Json(Struct format, bool omitEmpty, string path) => new JsonFormat(Map(format, omitEmpty, path));

    /// <summary>Null = the body is not formatted.</summary>
    public ReplyFormat? Reply(SubstitutionFormatString? format, CompileContext context, string path)
    {
        if (format is null) return null;
        var type = format.ContentType.Length > 0 ? format.ContentType
            : format.FormatCase == SubstitutionFormatString.FormatOneofCase.JsonFormat ? "application/json" : "text/plain";
        return new ReplyFormat(Substitution(format, context, path), Encoding.UTF8.GetBytes(type));
    }

    public LogFormat Substitution(SubstitutionFormatString format, CompileContext context, string path)
    {
        for (var i = 0; i < format.Formatters.Count; i++)
        {
            // These two are built in; other formatter extensions bring operators that this proxy refuses by name.
            var name = Xds.Names.TypeUrl.MessageName(format.Formatters[i].TypedConfig?.TypeUrl ?? string.Empty);
            if (name is not ("envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery" or "envoy.extensions.formatter.metadata.v3.Metadata")) throw new ConfigException($"{path}.formatters[{i}]", $"{name} is not supported");
        }
        return format.FormatCase switch
        {
            SubstitutionFormatString.FormatOneofCase.TextFormat => Text(format.TextFormat, format.OmitEmptyValues, path + ".text_format"),
            SubstitutionFormatString.FormatOneofCase.JsonFormat => Json(format.JsonFormat, format.OmitEmptyValues, path + ".json_format"),
            SubstitutionFormatString.FormatOneofCase.TextFormatSource => Text(
                Encoding.UTF8.GetString(ProtoValues.Data(format.TextFormatSource, context, path + ".text_format_source")),
                format.OmitEmptyValues,
                path + ".text_format_source"),
            _ => throw new ConfigException(path, "expected text_format, text_format_source or json_format"),
        };
    }

    private FormatOperator[] Parse(string format, string path)
    {
        try
        {
            return _parser.Parse(format);
        }
        catch (FormatException e)
        {
            throw new ConfigException(path, e.Message);
        }
    }

    private JsonFormat.Node.Map Map(Struct format, bool omitEmpty, string path) => new(
        [.. format.Fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field =>
            (Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(field.Key)}\":"), Node(field.Value, omitEmpty, $"{path}.{field.Key}")))],
        omitEmpty);

    private JsonFormat.Node Node(Value value, bool omitEmpty, string path)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue:
                return Map(value.StructValue, omitEmpty, path);
            case Value.KindOneofCase.ListValue:
                return new JsonFormat.Node.List([.. value.ListValue.Values.Select((item, i) => Node(item, omitEmpty, $"{path}[{i}]"))]);
            case Value.KindOneofCase.StringValue:
                return new JsonFormat.Node.Value(Parse(value.StringValue, path));
            case Value.KindOneofCase.NumberValue:
                return new JsonFormat.Node.Constant(Encoding.UTF8.GetBytes(value.NumberValue.ToString("R", CultureInfo.InvariantCulture)));
            case Value.KindOneofCase.BoolValue:
                return new JsonFormat.Node.Constant(value.BoolValue ? "true"u8.ToArray() : "false"u8.ToArray());
            default:
                return new JsonFormat.Node.Constant("null"u8.ToArray());
        }
    }
}
