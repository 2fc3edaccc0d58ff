namespace Fairlead.Config.Reading;

/// <summary>
/// A linear look at a text before the YAML scanner sees it. The scanner keeps a stack per flow bracket and per indentation and
/// the parser recurses nowhere, but a text of nothing but opening brackets makes it slow: what is nested deeper than the limit
/// is refused here. Quoted text and comments are passed over loosely; a false hit needs more open brackets than any real object.
/// </summary>
internal static class ScanGuard
{
    public static (int Line, int Column, string Message)? Refusal(string text, ReadLimits limits)
    {
        var depth = 0;
        var line = 1;
        var lineStart = 0;
        var dashes = 0;
        var onlyDashes = true;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    lineStart = i + 1;
                    dashes = 0;
                    onlyDashes = true;
                    continue;
                case '[' or '{':
                    depth++;
                    break;
                case ']' or '}':
                    depth = Math.Max(0, depth - 1);
                    break;
                case '-' or '?' when onlyDashes && i + 1 < text.Length && text[i + 1] == ' ':
                    dashes++;
                    break;
            }
            if (text[i] is not ('-' or ' ' or '?'))
                onlyDashes = false;
            if (depth > limits.MaxDepth * 8 || dashes > limits.MaxDepth)
                return (line, i - lineStart + 1, $"nested deeper than {limits.MaxDepth} levels");
        }
        return null;
    }
}
