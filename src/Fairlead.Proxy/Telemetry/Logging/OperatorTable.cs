using System.Text;
using System.Text.Json;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>The operators by name (envoy.md 1.4; Envoy's substitution formatter).</summary>
internal sealed class OperatorTable
{
    /// <summary>Operators about what this proxy's connections never have (TLS, certificates, QUIC): known, and always unset.</summary>
    private static readonly HashSet<string> AlwaysUnset = new(StringComparer.Ordinal)
    {
        "DOWNSTREAM_LOCAL_URI_SAN", "DOWNSTREAM_LOCAL_DNS_SAN", "DOWNSTREAM_LOCAL_IP_SAN", "DOWNSTREAM_LOCAL_EMAIL_SAN", "DOWNSTREAM_LOCAL_OTHERNAME_SAN",
        "DOWNSTREAM_PEER_URI_SAN", "DOWNSTREAM_PEER_DNS_SAN", "DOWNSTREAM_PEER_IP_SAN", "DOWNSTREAM_PEER_EMAIL_SAN", "DOWNSTREAM_PEER_OTHERNAME_SAN",
        "DOWNSTREAM_LOCAL_SUBJECT", "DOWNSTREAM_PEER_SUBJECT", "DOWNSTREAM_PEER_ISSUER", "DOWNSTREAM_PEER_FINGERPRINT_256", "DOWNSTREAM_PEER_FINGERPRINT_1",
        "DOWNSTREAM_PEER_SERIAL", "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256", "DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1", "DOWNSTREAM_PEER_CHAIN_SERIALS",
        "DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256", "DOWNSTREAM_PEER_ISSUER_SERIAL", "DOWNSTREAM_PEER_CERT", "DOWNSTREAM_PEER_CERT_V_START",
        "DOWNSTREAM_PEER_CERT_V_END", "DOWNSTREAM_TLS_SESSION_ID", "DOWNSTREAM_TLS_CIPHER", "DOWNSTREAM_TLS_GROUP", "DOWNSTREAM_TLS_VERSION",
        "TLS_JA3_FINGERPRINT", "TLS_JA4_FINGERPRINT", "DOWNSTREAM_HANDSHAKE_DURATION", "ROUNDTRIP_DURATION", "DOWNSTREAM_TRANSPORT_FAILURE_REASON",
        "UPSTREAM_PEER_SUBJECT", "UPSTREAM_PEER_ISSUER", "UPSTREAM_PEER_CERT", "UPSTREAM_PEER_CERT_V_START", "UPSTREAM_PEER_CERT_V_END",
        "UPSTREAM_PEER_URI_SAN", "UPSTREAM_PEER_DNS_SAN", "UPSTREAM_PEER_IP_SAN", "UPSTREAM_LOCAL_URI_SAN", "UPSTREAM_LOCAL_DNS_SAN", "UPSTREAM_LOCAL_IP_SAN",
        "UPSTREAM_TLS_SESSION_ID", "UPSTREAM_TLS_CIPHER", "UPSTREAM_TLS_GROUP", "UPSTREAM_TLS_VERSION", "UPSTREAM_SERVER_NAME", "TRACE_ID", "SPAN_ID",
        "CUSTOM_FLAGS", "VIRTUAL_CLUSTER_NAME", "DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID", "DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID",
        "UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID",
    };

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public OperatorTable(OperatorEnvironment environment)
    {
        HttpOperators.AddTo(this, environment);
        AddressOperators.AddTo(this);
        TimeOperators.AddTo(this, environment);
        MetadataOperators.AddTo(this);
        GrpcOperators.AddTo(this);
        AddCommon("COALESCE", Coalesce);
    }

    /// <summary>Makes the writer for an argument (null when there is none).</summary>
    public delegate WriteValue Factory(string? argument);

    public void Add(string name, WriteValue write, bool isNumber = false) => AddCommon(name, new ValueSource(ValueKind.Other, write), isNumber);

    public void Add(string name, Factory factory, bool isNumber = false) =>
        _entries.Add(name, new Entry(argument => new ValueSource(ValueKind.Other, factory(argument)), isNumber));

    /// <summary>One of the common operators, without argument.</summary>
    public void AddCommon(string name, ValueSource source, bool isNumber = false) => _entries.Add(name, new Entry(
        argument => argument is null ? source : throw new FormatException($"%{name}% takes no argument"), isNumber));

    /// <summary>One of the common operators, or another one, as the argument says.</summary>
    public void AddCommon(string name, Func<string?, ValueSource> source, bool isNumber = false) => _entries.Add(name, new Entry(source, isNumber));

    /// <exception cref="FormatException">The command is not known, or its argument is wrong.</exception>
    public FormatOperator Create(string name, string? argument, int maxBytes)
    {
        if (_entries.TryGetValue(name, out var entry)) return new FormatOperator(null, entry.Source(argument), maxBytes, entry.IsNumber);
        if (AlwaysUnset.Contains(name)) return new FormatOperator(null, new ValueSource(ValueKind.Other, static (ref Utf8Writer _, StreamInfo _) => { }), maxBytes, false);
        throw new FormatException(name is "CEL" or "TYPED_CEL" ? $"%{name}% needs CEL, which this proxy does not have" : $"%{name}% is not an operator of this proxy");
    }

    /// <summary>"X?Y" of a header operator.</summary>
    public static (byte[] Name, byte[]? Alternative) HeaderNames(string command, string? argument)
    {
        if (string.IsNullOrEmpty(argument)) throw new FormatException($"%{command}% needs a header name: %{command}(NAME)%");
        if (argument.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0) throw new FormatException($"%{command}%: a header name must not hold CR, LF or NUL");
        var parts = argument.ToLowerInvariant().Split('?');
        if (parts.Length > 2) throw new FormatException($"%{command}({argument})%: only one alternative header is possible");
        return (Encoding.UTF8.GetBytes(parts[0]), parts.Length == 2 ? Encoding.UTF8.GetBytes(parts[1]) : null);
    }

    // COALESCE({"operators": ["NAME", {"command": "NAME", "param": "ARGUMENT", "max_length": 10}]}): the first that has a value
    private ValueSource Coalesce(string? argument)
    {
        try
        {
            using var document = JsonDocument.Parse(argument ?? string.Empty);
            var operators = document.RootElement.GetProperty("operators").EnumerateArray().Select(Operator).ToArray();
            if (operators.Length == 0) throw new FormatException("%COALESCE%: operators is empty");
            return new ValueSource(ValueKind.Other, (ref Utf8Writer writer, StreamInfo info) =>
            {
                foreach (var one in operators)
                {
                    if (one.TryWrite(ref writer, info)) return;
                }
            });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new FormatException("%COALESCE% takes {\"operators\": [...]} with names, or objects of command, param and max_length", e);
        }
    }

    private FormatOperator Operator(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String) return Create(element.GetString()!, null, int.MaxValue);
        var argument = element.TryGetProperty("param", out var param) ? param.GetString() : null;
        return Create(element.GetProperty("command").GetString() ?? string.Empty, argument, element.TryGetProperty("max_length", out var length) ? length.GetInt32() : int.MaxValue);
    }

    private sealed record Entry(Func<string?, ValueSource> Source, bool IsNumber);
}
