namespace Fairlead.Proxy.Admin;

/// <summary>A request to an admin port.</summary>
/// <param name="Method">"GET", "POST", ...</param>
/// <param name="Path">Without query.</param>
/// <param name="Query">Decoded; a parameter without value is empty.</param>
internal sealed record AdminRequest(string Method, string Path, IReadOnlyDictionary<string, string> Query)
{
    public bool IsPost => Method == "POST";

    public string? this[string name] => Query.GetValueOrDefault(name);

    public static AdminRequest? Parse(string requestLine)
    {
        var parts = requestLine.Split(' ');
        if (parts.Length != 3 || !parts[2].StartsWith("HTTP/1.", StringComparison.Ordinal) || !parts[1].StartsWith('/')) return null;
        var mark = parts[1].IndexOf('?');
        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in (mark < 0 ? string.Empty : parts[1][(mark + 1)..]).Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=');
            var name = Uri.UnescapeDataString(equals < 0 ? pair : pair[..equals]);
            query[name] = equals < 0 ? string.Empty : Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' '));
        }
        return new AdminRequest(parts[0], mark < 0 ? parts[1] : parts[1][..mark], query);
    }
}
