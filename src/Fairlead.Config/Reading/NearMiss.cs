namespace Fairlead.Config.Reading;

/// <summary>Finds the name that was probably meant.</summary>
public static class NearMiss
{
    /// <summary>Longer names are not compared: no field's name is as long, and the comparison is quadratic.</summary>
    private const int LongestName = 64;

    /// <summary>The nearest of <paramref name="known"/>: same but for case, plural or separators, or at most two typing errors away; null when none is near.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > LongestName)
            return null;
        var folded = Fold(name);
        string? best = null;
        var bestDistance = Math.Min(3, 1 + folded.Length / 3);
        foreach (var candidate in known)
        {
            if (candidate.Length > LongestName)
                continue;
            var distance = Distance(folded, Fold(candidate));
            if (distance >= bestDistance)
                continue;
            bestDistance = distance;
            best = candidate;
        }
        return best;
    }

    private static string Fold(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Insertions, deletions, replacements and swaps of neighbours between the two.</summary>
    public static int Distance(string left, string right)
    {
        var before = new int[right.Length + 1];
        var above = new int[right.Length + 1];
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++)
            above[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var cost = left[i - 1] == right[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(above[j] + 1, row[j - 1] + 1), above[j - 1] + cost);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, above, row) = (above, row, before);
        }
        return above[right.Length];
    }
}
