using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;

namespace Fairlead.ApiServer.Tables;

/// <summary>How the real server prints ages, selectors and lists in cells.</summary>
internal static class Cells
{
    private const string None = "<none>";

    /// <summary>Time since a timestamp, in at most two units: <c>45s</c>, <c>2m5s</c>, <c>3h12m</c>, <c>2d3h</c>, <c>400d</c>.</summary>
    public static string Age(string timestamp, DateTimeOffset now)
    {
        if (JsonPath.Moment(timestamp) is not { } moment)
            return "<unknown>";
        var age = now - moment;
        var seconds = (long)age.TotalSeconds;
        if (seconds < -1)
            return "<invalid>";
        if (seconds < 0)
            return "0s";
        if (seconds < 120)
            return Text($"{seconds}s");
        var minutes = seconds / 60;
        if (minutes < 10)
            return seconds % 60 == 0 ? Text($"{minutes}m") : Text($"{minutes}m{seconds % 60}s");
        if (minutes < 180)
            return Text($"{minutes}m");
        var hours = minutes / 60;
        if (hours < 8)
            return minutes % 60 == 0 ? Text($"{hours}h") : Text($"{hours}h{minutes % 60}m");
        if (hours < 48)
            return Text($"{hours}h");
        var days = hours / 24;
        if (hours < 192)
            return hours % 24 == 0 ? Text($"{days}d") : Text($"{days}d{hours % 24}h");
        if (days < 730)
            return Text($"{days}d");
        var years = days / 365;
        return years < 8 && days % 365 != 0 ? Text($"{years}y{days % 365}d") : Text($"{years}y");
    }

    public static string Map(IReadOnlyDictionary<string, string> map) =>
        map.Count == 0 ? None : string.Join(',', map.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>A label selector of a spec as text.</summary>
    public static string Selector(JsonNode? selector)
    {
        var parts = selector.TextMapAt("matchLabels").OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")
            .Concat(selector.ObjectsAt("matchExpressions").Select(expression => expression.TextAt("operator") switch
            {
                "In" => $"{expression.TextAt("key")} in ({Values(expression)})",
                "NotIn" => $"{expression.TextAt("key")} notin ({Values(expression)})",
                "Exists" => expression.TextAt("key"),
                _ => "!" + expression.TextAt("key"),
            }));
        var text = string.Join(',', parts);
        return text.Length == 0 ? None : text;
    }

    public static string OrNone(string text) => text.Length == 0 ? None : text;

    private static string Values(JsonObject expression) =>
        expression["values"] is JsonArray values ? string.Join(',', values.Select(value => value?.ToString()).Order(StringComparer.Ordinal)) : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
