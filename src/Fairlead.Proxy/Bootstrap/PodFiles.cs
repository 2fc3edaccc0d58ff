using System.Text;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>The downward API's labels and annotations files: one <c>key="value"</c> a line, the value in Go's quoting.</summary>
internal static class PodFiles
{
    public static SortedDictionary<string, string> Parse(string text)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            var equals = line.IndexOf('=');
            if (equals <= 0) continue;
            result[line[..equals].Trim()] = Unquote(line[(equals + 1)..].Trim());
        }
        return result;
    }

    private static string Unquote(string text)
    {
        if (text.Length < 2 || text[0] != '"' || text[^1] != '"') return text;
        var result = new StringBuilder(text.Length);
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] != '\\' || i + 1 == text.Length - 1)
            {
                result.Append(text[i]);
                continue;
            }
            result.Append(text[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
        }
        return result.ToString();
    }
}
