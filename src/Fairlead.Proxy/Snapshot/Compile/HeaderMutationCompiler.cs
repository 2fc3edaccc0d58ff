using Envoy.Config.Core.V3;
using Fairlead.Proxy.Routing;


namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>request_headers_to_add and its kin.</summary>
internal sealed class HeaderMutationCompiler(LogFormatCompiler formats)
{
    /// <summary>Headers one level may add or remove; Envoy's own limit on to_add is 1,000.</summary>
    public const int MaxMutations = 1000;

    public HeaderMutations Compile(IReadOnlyList<HeaderValueOption> add, IReadOnlyList<string> remove, string path)
    {
        if (add.Count == 0 && remove.Count == 0) return HeaderMutations.None;
        if (add.Count > MaxMutations || remove.Count > MaxMutations) throw new ConfigException(path, $"more than {MaxMutations} header mutations");
        var additions = new List<HeaderMutations.Addition>(add.Count);
        for (var i = 0; i < add.Count; i++) additions.Add(Addition(add[i], $"{path}[{i}]"));
        foreach (var name in remove)
        {
            if (name.StartsWith(':') || name.Equals("host", StringComparison.OrdinalIgnoreCase))
            {
                throw new ConfigException(path, $"'{name}' must not be removed");
            }
        }
        return new HeaderMutations { Remove = [.. remove.Select(ProtoValues.Lower)], Add = additions };
    }

    private HeaderMutations.Addition Addition(HeaderValueOption option, string path)
    {
        var name = option.Header?.Key ?? string.Empty;
        if (name.Length == 0) throw new ConfigException(path + ".header.key", "is empty");
        if (name.AsSpan().IndexOfAnyInRange('\0', ' ') >= 0) throw new ConfigException(path + ".header.key", $"'{name}' is not a header name");
        var text = option.Header!.Value.Length > 0 ? option.Header.Value : option.Header.RawValue.ToStringUtf8();
        if (text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0) throw new ConfigException(path + ".header.value", "must not hold CR, LF or NUL");
        var isLiteral = !text.Contains('%');
        return new HeaderMutations.Addition
        {
            Name = ProtoValues.Lower(name.Equals("host", StringComparison.OrdinalIgnoreCase) ? ":authority" : name),
            Literal = isLiteral ? System.Text.Encoding.UTF8.GetBytes(text) : null,
            Format = isLiteral ? null : formats.Text(text, omitEmpty: true, path + ".header.value"),
            Mode = Mode(option),
            KeepEmptyValue = option.KeepEmptyValue,
        };
    }

    private static HeaderAppendMode Mode(HeaderValueOption option) => option.Append switch
    {
        true => HeaderAppendMode.AppendIfExistsOrAdd,
        false => HeaderAppendMode.OverwriteIfExistsOrAdd,
        null => (HeaderAppendMode)option.AppendAction,
    };
}
