using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Serving;

/// <summary>Query parameters as Go's API machinery reads them.</summary>
internal static class QueryReader
{
    /// <summary><c>true</c>, <c>True</c>, <c>1</c> and a name without a value are true; what is not a boolean is a bad request.</summary>
    public static bool Flag(this IQueryCollection query, string name)
    {
        if (!query.TryGetValue(name, out var values))
            return false;
        return values.ToString() switch
        {
            "" or "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
            var text => throw Refusal.BadRequest($"invalid value \"{text}\" for query parameter {name}: must be a boolean"),
        };
    }

    public static string Text(this IQueryCollection query, string name) => query.TryGetValue(name, out var values) ? values.ToString() : "";

    public static long? Number(this IQueryCollection query, string name)
    {
        var text = query.Text(name);
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw Refusal.BadRequest($"invalid value \"{text}\" for query parameter {name}: must be an integer");
    }
}
